//! `paddle_api_key`: Paddle API key.
//!
//! **Format.** `pdl_live_apikey_` or `pdl_sdbx_apikey_` and 26, 22 and three letters or digits,
//! parted by `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `paddle.go`. On the kind: Paddle documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "paddle_api_key",
    name: "Paddle API key",
    summary: "Paddle API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["paddle"],
    pattern: r"pdl_(?:live|sdbx)_apikey_[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"pdl_live_apikey_sjnlgplohht6750kfkc1z3qwba_RGRTrE1nfF8vEG2TqqrWxB_sDX","id":7}"#,
            &["pdl_live_apikey_sjnlgplohht6750kfkc1z3qwba_RGRTrE1nfF8vEG2TqqrWxB_sDX"],
        ),
        example(
            "key: pdl_sdbx_apikey_yhh4zvlz38bohuxq8px6v247e5_7ftG7nIzcCnNf6J6ROQAL9_L8f, and more",
            &["pdl_sdbx_apikey_yhh4zvlz38bohuxq8px6v247e5_7ftG7nIzcCnNf6J6ROQAL9_L8f"],
        ),
        example("cut short pdl_live_apikey_sjnlgplohht6750kfkc1z3qwba_RGRT", &[]),
        example(
            "a placeholder pdl_live_apikey_xxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxx_xxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
