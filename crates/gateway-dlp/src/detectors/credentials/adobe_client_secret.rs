//! `adobe_client_secret`: Adobe client secret.
//!
//! **Format.** `p8e-` and 32 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `adobe-client-secret`. On the kind: Adobe
//! Developer, "OAuth server-to-server credentials".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "adobe_client_secret",
    name: "Adobe client secret",
    summary: "Adobe client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["adobe", "client_secret"],
    pattern: alone!("p8e-[0-9A-Za-z_-]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"p8e-VB8dadx9EUy0qV3WthvirpBQogbeUa9q","id":7}"#,
            &["p8e-VB8dadx9EUy0qV3WthvirpBQogbeUa9q"],
        ),
        example(
            "Authorization: Bearer p8e-dNStNIo4OYowtNMkSfrEWhCop8RVffG8",
            &["p8e-dNStNIo4OYowtNMkSfrEWhCop8RVffG8"],
        ),
        example("cut short p8e-VB8dadx9EUy0qV", &[]),
        example("a placeholder p8e-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
