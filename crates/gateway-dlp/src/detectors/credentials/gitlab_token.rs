//! `gitlab_token`: GitLab personal access token.
//!
//! **Format.** `glpat-` and 20 to 22 letters, digits, `-` or `_`; the routable kind has 27 to 300 of
//! them, a point, for newer ones two letters or digits and a point, and nine letters or digits in
//! lower case. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** GitLab, "Token overview", token prefixes; gitleaks, `config/gitleaks.toml`,
//! `gitlab-pat-routable`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitlab_token",
    name: "GitLab personal access token",
    summary: "GitLab personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["gitlab"],
    pattern: r"glpat-(?:[0-9A-Za-z_-]{20,22}|[0-9A-Za-z_-]{27,}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9})\b{end-half}",
    match_bytes_max: 320,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "PRIVATE-TOKEN: glpat-jGB2kjs3Z9CBQQ9WGJaDqIwccZB1AzSx.01.1ikmq3fl7",
            &["glpat-jGB2kjs3Z9CBQQ9WGJaDqIwccZB1AzSx.01.1ikmq3fl7"],
        ),
        example("key: glpat-QSacsWRm4ZUOVBqq83tR, and more", &["glpat-QSacsWRm4ZUOVBqq83tR"]),
        example(
            "Authorization: Bearer glpat-P2h4-IKs9Vmul5MmtlbK",
            &["glpat-P2h4-IKs9Vmul5MmtlbK"],
        ),
        example("cut short glpat-QSacsWR", &[]),
        example("a placeholder glpat-xxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
