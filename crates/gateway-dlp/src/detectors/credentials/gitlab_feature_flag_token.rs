//! `gitlab_feature_flag_token`: GitLab feature flags client token.
//!
//! **Format.** `glffct-` and 20 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-feature-flag-client-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_feature_flag_token",
    name: "GitLab feature flags client token",
    summary: "GitLab feature flags client token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glffct-[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer glffct-YlWMcbw3IgjPn8HxrOEr",
            &["glffct-YlWMcbw3IgjPn8HxrOEr"],
        ),
        example("key: glffct-V0FHrZcwo4YtVlE4-Fok, and more", &["glffct-V0FHrZcwo4YtVlE4-Fok"]),
        example("cut short glffct-YlWMcb", &[]),
        example("a placeholder glffct-xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
