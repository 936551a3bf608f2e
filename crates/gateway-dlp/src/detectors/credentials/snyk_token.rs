//! `snyk_token`: Snyk API token.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `snyk-api-token`. On the kind: Snyk,
//! "Authentication for API".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "snyk_token",
    name: "Snyk API token",
    summary: "Snyk API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["snyk"],
    pattern: assigned!(
        r"(?:\b{start-half}|_)snyk",
        "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    ),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"snyk = "f97a06E7-d1DF-CFFd-d9b7-fA2b8cD7A2B4""#,
            &["f97a06E7-d1DF-CFFd-d9b7-fA2b8cD7A2B4"],
        ),
        example(
            r#"{"snyk": "D0B4849b-cc43-769B-fDf5-f11e61EF82B4"}"#,
            &["D0B4849b-cc43-769B-fDf5-f11e61EF82B4"],
        ),
        example("no name before it: f97a06E7-d1DF-CFFd-d9b7-fA2b8cD7A2B4", &[]),
        example(r#"snyk = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
