//! `razorpay_key`: Razorpay key id.
//!
//! **Format.** `rzp_live_` or `rzp_test_` and 14 letters or digits. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Razorpay, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "razorpay_key",
    name: "Razorpay key id",
    summary: "Razorpay key id, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["razorpay"],
    pattern: r"rzp_(?:live|test)_[0-9A-Za-z]{14}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("key: rzp_test_nDCrKNTmpLcA73, and more", &["rzp_test_nDCrKNTmpLcA73"]),
        example(r#"{"key":"rzp_test_c4gYDPqNW3Ikd3","id":7}"#, &["rzp_test_c4gYDPqNW3Ikd3"]),
        example("cut short rzp_test_nD", &[]),
        example("a placeholder rzp_test_xxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::Medium)
}
