//! `rubygems_api_key`: RubyGems API key.
//!
//! **Format.** `rubygems_` and 48 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `rubygems-api-token`. On the kind: RubyGems
//! guides, "API key scopes".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "rubygems_api_key",
    name: "RubyGems API key",
    summary: "RubyGems API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["rubygems"],
    pattern: r"rubygems_[0-9a-f]{48}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "rubygems_73be75850dc43227ed6d90e743cef096adf11f21662d5d7b""#,
            &["rubygems_73be75850dc43227ed6d90e743cef096adf11f21662d5d7b"],
        ),
        example(
            "Authorization: Bearer rubygems_b8ad332d1b3501da68ccb1dcd331a934eedb6dcd80a8b69f",
            &["rubygems_b8ad332d1b3501da68ccb1dcd331a934eedb6dcd80a8b69f"],
        ),
        example("cut short rubygems_73be75850dc43227ed6", &[]),
        example("a placeholder rubygems_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
