//! `klaviyo_key`: Klaviyo private API key.
//!
//! **Format.** `pk_` and 34 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** trufflehog, `klaviyo.go`; betterleaks, `config/betterleaks.toml`, `klaviyo-api-key`.
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "klaviyo_key",
    name: "Klaviyo private API key",
    summary: "Klaviyo private API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["klaviyo"],
    pattern: alone!("pk_[0-9A-Za-z]{34}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "KLAVIYO_API_KEY=pk_k0pahjG8NsCs6BlYM3uk7xaPd0Xh9Dcfvr",
            &["pk_k0pahjG8NsCs6BlYM3uk7xaPd0Xh9Dcfvr"],
        ),
        example(
            "key: pk_8425549b43909027b2ead8f0b2e2478f8f, and more",
            &["pk_8425549b43909027b2ead8f0b2e2478f8f"],
        ),
        example(
            r#"{"key":"pk_48800a0b7d81a9f74b2996c8f3c742e8bd","id":7}"#,
            &["pk_48800a0b7d81a9f74b2996c8f3c742e8bd"],
        ),
        example("cut short pk_8425549b4390902", &[]),
        example("a placeholder pk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
