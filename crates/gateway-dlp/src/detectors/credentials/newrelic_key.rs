//! `newrelic_key`: New Relic key.
//!
//! **Format.** `NRAK-` (user) and 27 capitals or digits, `NRII-` (insert) or `NRIQ-` (query) and 32
//! letters, digits, `-` or `_`, or `NRJS-` (browser) and 19 hexadecimal digits. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `new-relic-user-api-key`. On the kind: New Relic,
//! "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "newrelic_key",
    name: "New Relic key",
    summary: "New Relic key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["newrelic"],
    pattern: alone!("NR(?:AK-[0-9A-Z]{27}|I[IQ]-[0-9A-Za-z_-]{32}|JS-[0-9a-f]{19})"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer NRAK-L9E3H346IL9BE82JVL7DVGD3RND",
            &["NRAK-L9E3H346IL9BE82JVL7DVGD3RND"],
        ),
        example(r#"token = "NRJS-9b200ccaa10a94f2eec""#, &["NRJS-9b200ccaa10a94f2eec"]),
        example("cut short NRAK-L9E3H346IL9", &[]),
        example("a placeholder NRAK-xxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
