//! `midtrans_server_key`: Midtrans server key.
//!
//! **Format.** `Mid-server-`, for tests with `SB-` before it, and 16 to 28 letters, digits, `-` or
//! `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `midtrans.yml`. On the kind: Midtrans documentation, "API
//! authorization".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "midtrans_server_key",
    name: "Midtrans server key",
    summary: "Midtrans server key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["midtrans"],
    pattern: r"(?:SB-)?Mid-server-[0-9A-Za-z_-]{16,28}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"Mid-server-siMi79BxIMxky_Cq7qNPX","id":7}"#,
            &["Mid-server-siMi79BxIMxky_Cq7qNPX"],
        ),
        example(
            "key: Mid-server-61yffwnqdOHL36_I50ISCtf3, and more",
            &["Mid-server-61yffwnqdOHL36_I50ISCtf3"],
        ),
        example("cut short Mid-server-siMi79BxIMxk", &[]),
        example("a placeholder Mid-server-xxxxxxxxxxxxx_xxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
