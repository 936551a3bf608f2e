//! `gitlab_feed_token`: GitLab feed token.
//!
//! **Format.** `glft-` and 20 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-feed-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_feed_token",
    name: "GitLab feed token",
    summary: "GitLab feed token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glft-[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("export TOKEN=glft-6znh7q2lKw01BjFiT6h8\n", &["glft-6znh7q2lKw01BjFiT6h8"]),
        example(r#"{"key":"glft-v_0CdMDSJzL81jLSDnL4","id":7}"#, &["glft-v_0CdMDSJzL81jLSDnL4"]),
        example("cut short glft-6znh7q2", &[]),
        example("a placeholder glft-xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
