//! `seam_key`: Seam API key.
//!
//! **Format.** `seam_live` or `seam_test`, up to eight letters or digits, `_` and 20 to 32 more.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Seam documentation, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "seam_key",
    name: "Seam API key",
    summary: "Seam API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["seam"],
    pattern: r"seam_(?:live|test)[0-9A-Za-z]{0,8}_[0-9A-Za-z]{20,32}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"seam_test_5ld8JF8XFCqhwz10CPjT0","id":7}"#,
            &["seam_test_5ld8JF8XFCqhwz10CPjT0"],
        ),
        example(
            "key: seam_live_HdwFfLZcwLi748BI4WOWX7e8gwYF, and more",
            &["seam_live_HdwFfLZcwLi748BI4WOWX7e8gwYF"],
        ),
        example("cut short seam_test_5ld8JF8XFCqh", &[]),
        example("a placeholder seam_test_xxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
