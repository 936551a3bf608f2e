//! `razorpay_key`: Razorpay key id.
//!
//! **Format.** `rzp_live_` or `rzp_test_` and 14 letters or digits, which is the id; or its secret,
//! 24 letters or digits, assigned to a name with `razorpay` and, for example, `secret` in it, which
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** betterleaks, `razorpay.go`.
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "razorpay_key",
    name: "Razorpay key id",
    summary: "Razorpay key id, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["razorpay"],
    pattern: concat!(
        r"rzp_(?:live|test)_[0-9A-Za-z]{14}\b{end-half}",
        "|",
        assigned!("razorpay[_. -]?(?:key[_. -]?)?secret", "[0-9A-Za-z]{24}"),
    ),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("key: rzp_test_nDCrKNTmpLcA73, and more", &["rzp_test_nDCrKNTmpLcA73"]),
        example(r#"{"key":"rzp_test_c4gYDPqNW3Ikd3","id":7}"#, &["rzp_test_c4gYDPqNW3Ikd3"]),
        example("cut short rzp_test_nD", &[]),
        example("a placeholder rzp_test_xxxxxxxxxxxxxx", &[]),
        example("RAZORPAY_KEY_SECRET=wOPsXdgLSLqtzxEDNERMCNic", &["wOPsXdgLSLqtzxEDNERMCNic"]),
        example("no name before it: wOPsXdgLSLqtzxEDNERMCNic", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b'r', b'z', b'p', b'_', ..] = sample.matched {
        token(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
