//! `llamacloud_key`: LlamaCloud API key.
//!
//! **Format.** `llx-` and 44 to 52 letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `llamacloud.go`. On the kind: LlamaCloud documentation, "API key".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "llamacloud_key",
    name: "LlamaCloud API key",
    summary: "LlamaCloud API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["llama"],
    pattern: alone!("llx-[0-9A-Za-z]{44,52}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"llx-5VMcBLcMmKqn4x3bw1y7LwC0i5hCjUK64UyXar2hJL82xia","id":7}"#,
            &["llx-5VMcBLcMmKqn4x3bw1y7LwC0i5hCjUK64UyXar2hJL82xia"],
        ),
        example(
            "key: llx-nZ4CB1uYtEM3ZgnEnrH3NT7rDenIKazd61RpYByCmzA1LT6c7, and more",
            &["llx-nZ4CB1uYtEM3ZgnEnrH3NT7rDenIKazd61RpYByCmzA1LT6c7"],
        ),
        example("cut short llx-5VMcBLcMmKqn4x3bw1y7LwC0i5hC", &[]),
        example("a placeholder llx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
