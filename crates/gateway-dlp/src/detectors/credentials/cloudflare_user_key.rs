//! `cloudflare_user_key`: Cloudflare global API key.
//!
//! **Format.** `cfk_`, 40 letters or digits and a checksum of eight hexadecimal digits. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random; how the checksum is made is not published.
//!
//! **Source.** Cloudflare Fundamentals, "Token formats".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cloudflare_user_key",
    name: "Cloudflare global API key",
    summary: "Cloudflare global API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cloudflare"],
    pattern: alone!("cfk_[0-9A-Za-z]{40}[0-9a-f]{8}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"cfk_ejgabJ6LjiD2uWUU3dX4KlwB5xB0f8nGihDrvylL8973a7b0","id":7}"#,
            &["cfk_ejgabJ6LjiD2uWUU3dX4KlwB5xB0f8nGihDrvylL8973a7b0"],
        ),
        example(
            "key: cfk_Cmy8vmOQYeYD1vORpz6qBfBybmvrd1x1radTn1271f79c20d, and more",
            &["cfk_Cmy8vmOQYeYD1vORpz6qBfBybmvrd1x1radTn1271f79c20d"],
        ),
        example("cut short cfk_ejgabJ6LjiD2uWUU3dX4Kl", &[]),
        example("a placeholder cfk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
