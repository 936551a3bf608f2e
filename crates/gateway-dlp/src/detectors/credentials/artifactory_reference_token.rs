//! `artifactory_reference_token`: Artifactory reference token.
//!
//! **Format.** `cmVmdGtu`, which is base64 of `reftkn`, and 56 letters or digits. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `artifactory-reference-token`. On the kind: JFrog
//! Platform, "Reference tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "artifactory_reference_token",
    name: "Artifactory reference token",
    summary: "Artifactory reference token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["artifactory", "jfrog"],
    pattern: r"cmVmdGtu[0-9A-Za-z]{56}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=cmVmdGtuR7AZq7rO8b0BZ4Ed1v2ee6vTevpf3q3j3sygS4vdO1L8GGQYoj2gGa4v\n",
            &["cmVmdGtuR7AZq7rO8b0BZ4Ed1v2ee6vTevpf3q3j3sygS4vdO1L8GGQYoj2gGa4v"],
        ),
        example(
            "key: cmVmdGtuZ4XMgj0hlsXHPRvHkjMA6ysHd6t4WjIbUcMcF6PrJ5S3L45nrIdoExMO, and more",
            &["cmVmdGtuZ4XMgj0hlsXHPRvHkjMA6ysHd6t4WjIbUcMcF6PrJ5S3L45nrIdoExMO"],
        ),
        example("cut short cmVmdGtuR7AZq7rO8b0BZ4Ed1v2ee6vT", &[]),
        example(
            "a placeholder cmVmdGtuxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::Medium)
}
