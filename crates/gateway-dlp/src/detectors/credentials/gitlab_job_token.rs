//! `gitlab_job_token`: GitLab CI job token.
//!
//! **Format.** `glcbt-` and one to five letters or digits, `_` and 20 letters, digits, `-` or `_`.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-cicd-job-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_job_token",
    name: "GitLab CI job token",
    summary: "GitLab CI job token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glcbt-[0-9A-Za-z]{1,5}_[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "glcbt-2N5G0_dj2b86gO54-HaFsNj6rY""#,
            &["glcbt-2N5G0_dj2b86gO54-HaFsNj6rY"],
        ),
        example(
            r#"{"key":"glcbt-7Es_EsePHur6X0jbFHIw2Awm","id":7}"#,
            &["glcbt-7Es_EsePHur6X0jbFHIw2Awm"],
        ),
        example("cut short glcbt-2N5G0_dj2b", &[]),
        example("a placeholder glcbt-xxxxx_xxxxxxxxxx-xxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
