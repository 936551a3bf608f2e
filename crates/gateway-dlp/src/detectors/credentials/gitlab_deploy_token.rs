//! `gitlab_deploy_token`: GitLab deploy token.
//!
//! **Format.** `gldt-` and 20 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-deploy-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_deploy_token",
    name: "GitLab deploy token",
    summary: "GitLab deploy token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"gldt-[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"{"key":"gldt-0oYh_s6MhFDQ3hVZWKI9","id":7}"#, &["gldt-0oYh_s6MhFDQ3hVZWKI9"]),
        example("key: gldt-V3IZ7tpqM7GoppV5J8SX, and more", &["gldt-V3IZ7tpqM7GoppV5J8SX"]),
        example("cut short gldt-0oYh_s6", &[]),
        example("a placeholder gldt-xxxx_xxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
