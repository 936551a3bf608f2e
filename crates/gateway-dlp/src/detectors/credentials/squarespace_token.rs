//! `squarespace_token`: Squarespace API key.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of
//! the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `squarespace-access-token`. On the kind:
//! Squarespace developers, "Authentication and permissions".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "squarespace_token",
    name: "Squarespace API key",
    summary: "Squarespace API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["squarespace"],
    pattern: assigned!(
        "squarespace",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"SQUARESPACE_TOKEN = "c0ddd601-32f9-6aa8-7e5a-4bb15d4dcc51""#,
            &["c0ddd601-32f9-6aa8-7e5a-4bb15d4dcc51"],
        ),
        example(
            r#"{"squarespace_api_key": "3d4654c3-40b6-7c01-ffff-3195f80135f3"}"#,
            &["3d4654c3-40b6-7c01-ffff-3195f80135f3"],
        ),
        example("no name before it: c0ddd601-32f9-6aa8-7e5a-4bb15d4dcc51", &[]),
        example(r#"SQUARESPACE_TOKEN = "00000000-0000-0000-0000-000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
