//! `plaid_secret`: Plaid secret.
//!
//! **Format.** 30 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `plaid-secret-key`. On the kind: Plaid, "API
//! keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "plaid_secret",
    name: "Plaid secret",
    summary: "Plaid secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["plaid"],
    pattern: assigned!(r"(?:\b{start-half}|_)plaid", "[0-9a-f]{30}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"plaid = "1bfa3df8dbc10d389fc7ef8e3dab47""#, &["1bfa3df8dbc10d389fc7ef8e3dab47"]),
        example(
            r#"{"plaid": "517e27e1683171cdf443a06d0712d8"}"#,
            &["517e27e1683171cdf443a06d0712d8"],
        ),
        example("no name before it: 1bfa3df8dbc10d389fc7ef8e3dab47", &[]),
        example(r#"plaid = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
