//! `gitlab_scim_token`: GitLab SCIM token.
//!
//! **Format.** `glsoat-` and 20 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-scim-token`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_scim_token",
    name: "GitLab SCIM token",
    summary: "GitLab SCIM token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glsoat-[0-9A-Za-z_-]{20}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer glsoat-vS3HAUqgztnVCwfdWZPN",
            &["glsoat-vS3HAUqgztnVCwfdWZPN"],
        ),
        example("export TOKEN=glsoat-HW3ArZSCD13pLkKGb28_\n", &["glsoat-HW3ArZSCD13pLkKGb28_"]),
        example("cut short glsoat-vS3HAU", &[]),
        example("a placeholder glsoat-xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
