//! `builder_io_key`: Builder.io private key.
//!
//! **Format.** `bpk-` and 32 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but
//! an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `builderio.yml`. On the kind: Builder.io documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "builder_io_key",
    name: "Builder.io private key",
    summary: "Builder.io private key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["builder"],
    pattern: alone!("bpk-[0-9a-f]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"bpk-c157a6f35bbea277708ec8f526ea027d","id":7}"#,
            &["bpk-c157a6f35bbea277708ec8f526ea027d"],
        ),
        example(
            "key: bpk-086880cee63ce8ee4fd2dd3d8c17f6a6, and more",
            &["bpk-086880cee63ce8ee4fd2dd3d8c17f6a6"],
        ),
        example("cut short bpk-c157a6f35bbea277708", &[]),
        example("a placeholder bpk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
