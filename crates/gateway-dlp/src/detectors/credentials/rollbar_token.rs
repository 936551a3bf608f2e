//! `rollbar_token`: Rollbar access token.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Rollbar, "Access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "rollbar_token",
    name: "Rollbar access token",
    summary: "Rollbar access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["rollbar"],
    pattern: assigned!("rollbar", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"rollbar = "5747cd051746ed99e1fc050571b0ebed""#,
            &["5747cd051746ed99e1fc050571b0ebed"],
        ),
        example(
            r#"{"rollbar": "524eb5ca53195cf56bfa04c1b6b90f23"}"#,
            &["524eb5ca53195cf56bfa04c1b6b90f23"],
        ),
        example("no name before it: 5747cd051746ed99e1fc050571b0ebed", &[]),
        example(r#"rollbar = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
