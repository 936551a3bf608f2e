//! `gitlab_oauth_secret`: GitLab OAuth application secret.
//!
//! **Format.** `gloas-` and 64 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-oauth-app-secret`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_oauth_secret",
    name: "GitLab OAuth application secret",
    summary: "GitLab OAuth application secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"gloas-[0-9A-Za-z_-]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"gloas-s88pjO-FpxI-fjO1Ew489Xec7UsR_TH5K2NRKDPZP7PRLXjnDSAm4AKZUvZpvuaM","id":7}"#,
            &["gloas-s88pjO-FpxI-fjO1Ew489Xec7UsR_TH5K2NRKDPZP7PRLXjnDSAm4AKZUvZpvuaM"],
        ),
        example(
            "export TOKEN=gloas-Pbchtevw9Ma38L4H0zdMS1lzYM22zv_6skbviiF2OklEP-YJRfBbJpR-yHy5EeQN\n",
            &["gloas-Pbchtevw9Ma38L4H0zdMS1lzYM22zv_6skbviiF2OklEP-YJRfBbJpR-yHy5EeQN"],
        ),
        example("cut short gloas-s88pjO-FpxI-fjO1Ew489Xec7UsR_", &[]),
        example(
            "a placeholder gloas-xxxxxx-xxxx-xxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
