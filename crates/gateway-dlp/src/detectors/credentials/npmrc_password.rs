//! `npmrc_password`: npm registry login.
//!
//! **Format.** 16 to 200 characters of base64, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** npm, ".npmrc", auth related configuration.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "npmrc_password",
    name: "npm registry login",
    summary: "npm registry login, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["_auth", "npm", "registry"],
    pattern: assigned!("_(?:auth|password)", "[0-9A-Za-z+/]{16,}={0,2}"),
    match_bytes_max: 272,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"//registry.example/:_password = "RapUEp5EwoRgdk2a6Io5R7chp/YP""#,
            &["RapUEp5EwoRgdk2a6Io5R7chp/YP"],
        ),
        example(r#"{"_auth": "o6CXq9iGgS6anbeFnUdaU9H6px/8"}"#, &["o6CXq9iGgS6anbeFnUdaU9H6px/8"]),
        example("no name before it: RapUEp5EwoRgdk2a6Io5R7chp/YP", &[]),
        example(r#"//registry.example/:_password = "xxxxxxxxxxxxxxxxxxxxxxxxx/xx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
