//! `cloudsmith_key`: Cloudsmith API key.
//!
//! **Format.** `csa_`, 30 hexadecimal digits and six letters or digits. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `cloudsmith.go`. On the kind: Cloudsmith documentation, "API key".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudsmith_key",
    name: "Cloudsmith API key",
    summary: "Cloudsmith API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudsmith"],
    pattern: alone!("csa_[0-9a-f]{30}[0-9A-Za-z]{6}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"csa_9d1fe05c53e4dba62c77600740a59fLCM4lr","id":7}"#,
            &["csa_9d1fe05c53e4dba62c77600740a59fLCM4lr"],
        ),
        example(
            "key: csa_22532909538a57a48f38b8ed120797bcPgs4, and more",
            &["csa_22532909538a57a48f38b8ed120797bcPgs4"],
        ),
        example("cut short csa_9d1fe05c53e4dba62c776", &[]),
        example("a placeholder csa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
