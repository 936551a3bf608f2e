//! `close_api_key`: Close API key.
//!
//! **Format.** `api_` and twice 20 to 24 letters or digits, parted by a point. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `closecrm.yml`. On the kind: Close API, "Authentication with API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "close_api_key",
    name: "Close API key",
    summary: "Close API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["close"],
    pattern: alone!(r"api_[0-9A-Za-z]{20,24}\.[0-9A-Za-z]{20,24}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"api_w7cyP0z1cgs9PtIiFR00tlwh.JlgzBpPgF5NVYP6I76R6u","id":7}"#,
            &["api_w7cyP0z1cgs9PtIiFR00tlwh.JlgzBpPgF5NVYP6I76R6u"],
        ),
        example(
            "key: api_AcDz0yKcxYx3gYJy4Bc5R.xsf3WriGohsqrXYkEhSHDfc, and more",
            &["api_AcDz0yKcxYx3gYJy4Bc5R.xsf3WriGohsqrXYkEhSHDfc"],
        ),
        example("cut short api_w7cyP0z1cgs9PtIiFR00tlwh.Jl", &[]),
        example("a placeholder api_xxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
