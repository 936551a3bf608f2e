//! `jenkins_token`: Jenkins API token.
//!
//! **Format.** `11` and 32 hexadecimal digits, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Jenkins, "Remote access API", new API tokens.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jenkins_token",
    name: "Jenkins API token",
    summary: "Jenkins API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["jenkins"],
    pattern: assigned!("jenkins", "11[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"jenkins = "11ed0c0911344f85d9a397319ab5f26ee2""#,
            &["11ed0c0911344f85d9a397319ab5f26ee2"],
        ),
        example(
            r#"{"jenkins": "11aa1ef181caed8c32c8e2b4c1bfb611da"}"#,
            &["11aa1ef181caed8c32c8e2b4c1bfb611da"],
        ),
        example("no name before it: 11ed0c0911344f85d9a397319ab5f26ee2", &[]),
        example(r#"jenkins = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
