//! `infracost_token`: Infracost API key.
//!
//! **Format.** `ico-` and 32 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `infracost-api-token`. On the kind: Infracost,
//! "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "infracost_token",
    name: "Infracost API key",
    summary: "Infracost API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["infracost"],
    pattern: alone!("ico-[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer ico-TAyCA9qBgMl7j8118oYE9gg03UDwVH1r",
            &["ico-TAyCA9qBgMl7j8118oYE9gg03UDwVH1r"],
        ),
        example(
            "key: ico-nhiN5zvNZmZjbOVA7TvCYUksMolf91Or, and more",
            &["ico-nhiN5zvNZmZjbOVA7TvCYUksMolf91Or"],
        ),
        example("cut short ico-TAyCA9qBgMl7j8", &[]),
        example("a placeholder ico-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
