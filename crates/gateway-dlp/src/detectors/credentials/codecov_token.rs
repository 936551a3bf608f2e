//! `codecov_token`: Codecov upload token.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `codecov-access-token`. On the kind:
//! Codecov, "Codecov tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "codecov_token",
    name: "Codecov upload token",
    summary: "Codecov upload token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["codecov"],
    pattern: assigned!("codecov", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"codecov = "12d73Fc9-F914-7125-17Ba-81b62E43d5FA""#,
            &["12d73Fc9-F914-7125-17Ba-81b62E43d5FA"],
        ),
        example(
            r#"{"codecov": "3EeDdED7-3fC8-7aE0-dbC5-4F72830c2717"}"#,
            &["3EeDdED7-3fC8-7aE0-dbC5-4F72830c2717"],
        ),
        example("no name before it: 12d73Fc9-F914-7125-17Ba-81b62E43d5FA", &[]),
        example(r#"codecov = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
