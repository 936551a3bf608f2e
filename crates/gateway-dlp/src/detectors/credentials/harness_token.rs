//! `harness_token`: Harness token.
//!
//! **Format.** `pat` or `sat`, a point, 22 letters, digits, `-` or `_`, a point, 24 letters or
//! digits, a point and 20 more. No ASCII letter, digit or `_` may touch it, but an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `harness-api-key`. On the kind: Harness, "Manage
//! API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "harness_token",
    name: "Harness token",
    summary: "Harness token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["harness"],
    pattern: alone!(r"[ps]at\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer pat.GrukvUv-T4ORt5JKdYD5E5.6hcqw4kXuXhECF9OFqgS5Ksg.DfmKdol8RF08omN1Y2Yq",
            &["pat.GrukvUv-T4ORt5JKdYD5E5.6hcqw4kXuXhECF9OFqgS5Ksg.DfmKdol8RF08omN1Y2Yq"],
        ),
        example(
            "key: sat.lauvL9G5XItRe-QeSP6Dpe.utvnZ2xVGgHg177h82GTrNM3.w819B9naAjD5BfRm2vKu, and more",
            &["sat.lauvL9G5XItRe-QeSP6Dpe.utvnZ2xVGgHg177h82GTrNM3.w819B9naAjD5BfRm2vKu"],
        ),
        example("cut short pat.GrukvUv-T4ORt5JKdYD5E5.6hcqw4kXu", &[]),
        example(
            "a placeholder pat.xxxxxxx-xxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
