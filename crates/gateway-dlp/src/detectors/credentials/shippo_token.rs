//! `shippo_token`: Shippo API token.
//!
//! **Format.** `shippo_live_` or `shippo_test_` and 40 hexadecimal digits. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `shippo-api-token`. On the kind: Shippo,
//! "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shippo_token",
    name: "Shippo API token",
    summary: "Shippo API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shippo"],
    pattern: r"shippo_(?:live|test)_[0-9A-Fa-f]{40}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: shippo_test_4A11B574cfA10dd74555d6B4a8BA8FF3C59e559D, and more",
            &["shippo_test_4A11B574cfA10dd74555d6B4a8BA8FF3C59e559D"],
        ),
        example(
            r#"token = "shippo_test_B32Ed330279D35D1A1e9FfF57c91944ECDe71B0E""#,
            &["shippo_test_B32Ed330279D35D1A1e9FfF57c91944ECDe71B0E"],
        ),
        example("cut short shippo_test_4A11B574cfA10d", &[]),
        example("a placeholder shippo_test_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 12;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
