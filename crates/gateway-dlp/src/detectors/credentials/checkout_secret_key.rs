//! `checkout_secret_key`: Checkout.com secret key.
//!
//! **Format.** `sk_`, for tests `sk_test_` or `sk_sbox_`, and a UUID in small letters. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Checkout.com documentation, "API authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "checkout_secret_key",
    name: "Checkout.com secret key",
    summary: "Checkout.com secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["checkout"],
    pattern: alone!("sk_(?:test_|sbox_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"sk_691abe5a-cbf2-cd6b-fa91-dfcb2e3cf56f","id":7}"#,
            &["sk_691abe5a-cbf2-cd6b-fa91-dfcb2e3cf56f"],
        ),
        example(
            "key: sk_28e28bbc-3709-7b4d-c3e4-e07da9b21a30, and more",
            &["sk_28e28bbc-3709-7b4d-c3e4-e07da9b21a30"],
        ),
        example("cut short sk_691abe5a-cbf2-cd6b-fa", &[]),
        example("a placeholder sk_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
