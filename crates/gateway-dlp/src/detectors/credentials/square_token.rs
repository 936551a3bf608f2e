//! `square_token`: Square access token.
//!
//! **Format.** `sq0atp-` (access) or `sq0csp-` (secret) and 22 or 43 letters, digits, `-` or `_`;
//! or `EAAA` and 60. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `square.yml`; gitleaks, `config/gitleaks.toml`, `square-access-token`.
//! On the kind: Square developer documentation, "Access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "square_token",
    name: "Square access token",
    summary: "Square access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["square"],
    pattern: alone!("(?:sq0atp-[0-9A-Za-z_-]{22}|sq0csp-[0-9A-Za-z_-]{43}|EAAA[0-9A-Za-z_-]{60})"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer sq0atp-stjp7TEkH7_-mnDyhe8-3F",
            &["sq0atp-stjp7TEkH7_-mnDyhe8-3F"],
        ),
        example("key: sq0atp-15FDxvJdhIWMs2LXmblDy1, and more", &["sq0atp-15FDxvJdhIWMs2LXmblDy1"]),
        example("cut short sq0atp-stjp7TE", &[]),
        example("a placeholder sq0atp-xxxxxxxxxx_-xxxxxxx-xx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
