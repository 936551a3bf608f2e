//! `packagist_key`: Private Packagist key.
//!
//! **Format.** `packagist_`, `ack`, `acs` (API), `cut`, `ort`, `out` or `uut` (tokens), `_` and 28
//! to 96 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `packagist.yml`. On the kind: Private Packagist documentation, "API
//! authentication" and "Tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "packagist_key",
    name: "Private Packagist key",
    summary: "Private Packagist key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["packagist"],
    pattern: r"packagist_(?:ack|acs|cut|ort|out|uut)_[0-9a-f]{28,96}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"packagist_cut_2fd17c4a4135de2e9ea02d2fb952e2cefdcb883873b","id":7}"#,
            &["packagist_cut_2fd17c4a4135de2e9ea02d2fb952e2cefdcb883873b"],
        ),
        example(
            "key: packagist_out_29e171b953af4421472105a61b60b0469c97b95104585e19410e6e, and more",
            &["packagist_out_29e171b953af4421472105a61b60b0469c97b95104585e19410e6e"],
        ),
        example("cut short packagist_cut_2fd17c4a4135de2e9ea02d2fb", &[]),
        example("a placeholder packagist_cut_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 14;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
