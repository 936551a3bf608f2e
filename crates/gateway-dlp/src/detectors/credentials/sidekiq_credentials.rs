//! `sidekiq_credentials`: Credentials of Sidekiq Pro or Enterprise.
//!
//! **Format.** Eight hexadecimal digits, `:` and eight more, assigned to
//! `BUNDLE_ENTERPRISE__CONTRIBSYS__COM` or `BUNDLE_GEMS__CONTRIBSYS__COM` in any case; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** Both parts together look random: enough entropy, no long run.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sidekiq-secret`. On the kind: Sidekiq, wiki,
//! "Commercial FAQ", Bundler settings.
//!
//! **Confidence.** High: nothing else has this name and form.

use gateway_inspect::Confidence;

use crate::detectors::secret::assigned;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::is_random;

/// Bytes of the credentials.
const LEN: usize = 17;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sidekiq_credentials",
    name: "Credentials of Sidekiq Pro or Enterprise",
    summary: "Credentials of Sidekiq Pro or Enterprise, by the name that they are assigned to and form",
    category: Category::Credentials,
    keywords: &["bundle", "contribsys", "sidekiq"],
    pattern: assigned!("bundle_(?:enterprise|gems)__contribsys__com", "[0-9a-f]{8}:[0-9a-f]{8}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("BUNDLE_ENTERPRISE__CONTRIBSYS__COM=fd9eec39:ea794973", &["fd9eec39:ea794973"]),
        example(
            r#"export BUNDLE_GEMS__CONTRIBSYS__COM="44d3bcf7:d49a2a09""#,
            &["44d3bcf7:d49a2a09"],
        ),
        example("no name before it: 115e6742:5209ada8", &[]),
        example("BUNDLE_GEMS__CONTRIBSYS__COM=00000000:00000000", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = sample.matched.len().checked_sub(LEN)?;
    let is_drawn = is_random(sample.matched.get(lead..)?);
    is_drawn.then_some(Judgement { confidence: Confidence::High, lead, trail: 0 })
}
