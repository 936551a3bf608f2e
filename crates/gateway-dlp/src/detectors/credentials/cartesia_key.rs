//! `cartesia_key`: Cartesia API key.
//!
//! **Format.** `sk_car_` and 20 to 24 letters, digits or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `cartesia.yml`. On the kind: Cartesia documentation, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cartesia_key",
    name: "Cartesia API key",
    summary: "Cartesia API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cartesia"],
    pattern: r"sk_car_[0-9A-Za-z_]{20,24}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"sk_car_HWzWvl26gEsrbf4aOfSv9","id":7}"#,
            &["sk_car_HWzWvl26gEsrbf4aOfSv9"],
        ),
        example(
            "key: sk_car_dB0YSEPXkUaPMNTTvLvK4Cj, and more",
            &["sk_car_dB0YSEPXkUaPMNTTvLvK4Cj"],
        ),
        example("cut short sk_car_HWzWvl26gEsr", &[]),
        example("a placeholder sk_car_xxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
