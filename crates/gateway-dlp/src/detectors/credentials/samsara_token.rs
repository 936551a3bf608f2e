//! `samsara_token`: Samsara API token.
//!
//! **Format.** `samsara_api_` and 26 to 32 letters or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `samsara.yml`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "samsara_token",
    name: "Samsara API token",
    summary: "Samsara API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["samsara"],
    pattern: r"samsara_api_[0-9A-Za-z]{26,32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=samsara_api_5xy9d9SqMpp9rbIXQxJG4P27Wc6o4B\n",
            &["samsara_api_5xy9d9SqMpp9rbIXQxJG4P27Wc6o4B"],
        ),
        example(
            "Authorization: Bearer samsara_api_lxuVnC0wExbNwgFFxPmvBHX2PvwlKY",
            &["samsara_api_lxuVnC0wExbNwgFFxPmvBHX2PvwlKY"],
        ),
        example("cut short samsara_api_5xy9d9SqM", &[]),
        example("a placeholder samsara_api_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 12;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
