//! `stackhawk_key`: StackHawk API key.
//!
//! **Format.** `hawk.` and twice 20 letters, digits, `-` or `_`, parted by a point. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** StackHawk documentation, "API authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "stackhawk_key",
    name: "StackHawk API key",
    summary: "StackHawk API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["stackhawk"],
    pattern: r"hawk\.[0-9A-Za-z_-]{20}\.[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"hawk.-DIpd9CuaKLzS96XlP1t.4y0jNvvBc73cqs1AToQy","id":7}"#,
            &["hawk.-DIpd9CuaKLzS96XlP1t.4y0jNvvBc73cqs1AToQy"],
        ),
        example(
            "key: hawk.Il87ZODURuLG2lG0HfbH.zm58msAsvBLA9SuKnFFU, and more",
            &["hawk.Il87ZODURuLG2lG0HfbH.zm58msAsvBLA9SuKnFFU"],
        ),
        example("cut short hawk.-DIpd9CuaKLzS96XlP1t.4y0", &[]),
        example("a placeholder hawk.-xxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
