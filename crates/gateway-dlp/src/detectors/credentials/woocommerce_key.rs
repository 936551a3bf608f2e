//! `woocommerce_key`: WooCommerce REST API key.
//!
//! **Format.** `ck_` (consumer key) or `cs_` (consumer secret) and 40 hexadecimal digits. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `woocommerce.go`. On the kind: WooCommerce REST API, "Authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "woocommerce_key",
    name: "WooCommerce REST API key",
    summary: "WooCommerce REST API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["woocommerce"],
    pattern: alone!("c[ks]_[0-9a-f]{40}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"ck_424a8304c5450318f3cec6619fa07e1195bd0d72","id":7}"#,
            &["ck_424a8304c5450318f3cec6619fa07e1195bd0d72"],
        ),
        example(
            "key: cs_09aaeb60e0620c5fd3b463b42920cbbf60085759, and more",
            &["cs_09aaeb60e0620c5fd3b463b42920cbbf60085759"],
        ),
        example("cut short ck_424a8304c5450318f3cec661", &[]),
        example("a placeholder ck_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
