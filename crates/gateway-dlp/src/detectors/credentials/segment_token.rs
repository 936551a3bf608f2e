//! `segment_token`: Segment public API token.
//!
//! **Format.** `sgp_` and 64 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `segment.go`. On the kind: Segment, "Public API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "segment_token",
    name: "Segment public API token",
    summary: "Segment public API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["segment"],
    pattern: alone!("sgp_[0-9A-Za-z]{64}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"sgp_0WlH47Bnq3AkKUnwfMC7oPpp60pdi1wK0CeU8o4Gys2PRS8Gd4RE2z7eOkCpiWuF","id":7}"#,
            &["sgp_0WlH47Bnq3AkKUnwfMC7oPpp60pdi1wK0CeU8o4Gys2PRS8Gd4RE2z7eOkCpiWuF"],
        ),
        example(
            r#"token = "sgp_hMqQQfOUspfzasQfua5YJTUBo2srvQfCrE2uowMoAotwSRVe6A3nmSWLTartd8sC""#,
            &["sgp_hMqQQfOUspfzasQfua5YJTUBo2srvQfCrE2uowMoAotwSRVe6A3nmSWLTartd8sC"],
        ),
        example("cut short sgp_0WlH47Bnq3AkKUnwfMC7oPpp60pdi1", &[]),
        example(
            "a placeholder sgp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
