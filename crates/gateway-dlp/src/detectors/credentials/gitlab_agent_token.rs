//! `gitlab_agent_token`: GitLab agent token.
//!
//! **Format.** `glagent-` and 50 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-kubernetes-agent-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_agent_token",
    name: "GitLab agent token",
    summary: "GitLab agent token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glagent-[0-9A-Za-z_-]{50}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer glagent-vQMgfSPj4jArfXYx5wY4UTRVnGf9HWUWYAzCtsLYEy8xn4kd12",
            &["glagent-vQMgfSPj4jArfXYx5wY4UTRVnGf9HWUWYAzCtsLYEy8xn4kd12"],
        ),
        example(
            r#"{"key":"glagent-rDbhE4AJ94Qy0ZagGd7WUC58KSMughP-lucl4loFbEQZ-4jjNV","id":7}"#,
            &["glagent-rDbhE4AJ94Qy0ZagGd7WUC58KSMughP-lucl4loFbEQZ-4jjNV"],
        ),
        example("cut short glagent-vQMgfSPj4jArfXYx5wY4U", &[]),
        example("a placeholder glagent-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
