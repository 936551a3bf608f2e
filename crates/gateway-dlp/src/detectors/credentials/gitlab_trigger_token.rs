//! `gitlab_trigger_token`: GitLab pipeline trigger token.
//!
//! **Format.** `glptt-` and 40 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-ptt`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_trigger_token",
    name: "GitLab pipeline trigger token",
    summary: "GitLab pipeline trigger token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glptt-[0-9a-f]{40}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: glptt-a4c5948dc0e727f7642af7eff20a199f15ab3ff8, and more",
            &["glptt-a4c5948dc0e727f7642af7eff20a199f15ab3ff8"],
        ),
        example(
            "Authorization: Bearer glptt-984b513098575417ea95014ef92ea3abe91df4e7",
            &["glptt-984b513098575417ea95014ef92ea3abe91df4e7"],
        ),
        example("cut short glptt-a4c5948dc0e727f76", &[]),
        example("a placeholder glptt-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
