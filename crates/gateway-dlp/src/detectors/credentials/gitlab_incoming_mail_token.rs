//! `gitlab_incoming_mail_token`: GitLab incoming mail token.
//!
//! **Format.** `glimt-` and 25 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-incoming-mail-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_incoming_mail_token",
    name: "GitLab incoming mail token",
    summary: "GitLab incoming mail token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glimt-[0-9A-Za-z_-]{25}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"glimt-i8LjAmEmW15cv84kulP0EKUKy","id":7}"#,
            &["glimt-i8LjAmEmW15cv84kulP0EKUKy"],
        ),
        example(
            "key: glimt-7mPwEpK24iE8pbIn7lP7QiMMu, and more",
            &["glimt-7mPwEpK24iE8pbIn7lP7QiMMu"],
        ),
        example("cut short glimt-i8LjAmEmW", &[]),
        example("a placeholder glimt-xxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
