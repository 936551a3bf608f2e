//! `coderabbit_key`: CodeRabbit API key.
//!
//! **Format.** `cr-` and 58 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** CodeRabbit documentation, "API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "coderabbit_key",
    name: "CodeRabbit API key",
    summary: "CodeRabbit API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["coderabbit"],
    pattern: alone!("cr-[0-9a-f]{58}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"cr-e12eb5d94f0aa09e6db8f068858eb9c789109c80469280abd58ccbdd2d","id":7}"#,
            &["cr-e12eb5d94f0aa09e6db8f068858eb9c789109c80469280abd58ccbdd2d"],
        ),
        example(
            "key: cr-04136495a5b76f26743ff70f72e2e713f3b1e88b515ecbc9a982988732, and more",
            &["cr-04136495a5b76f26743ff70f72e2e713f3b1e88b515ecbc9a982988732"],
        ),
        example("cut short cr-e12eb5d94f0aa09e6db8f068858eb9c789", &[]),
        example("a placeholder cr-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
