//! `messagebird_access_key`: MessageBird access key.
//!
//! **Format.** 25 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `messagebird-api-token`. On the kind: Bird, "API
//! access keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "messagebird_access_key",
    name: "MessageBird access key",
    summary: "MessageBird access key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["messagebird"],
    pattern: assigned!("message[_-]?bird", "[0-9A-Za-z]{25}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"messagebird = "2r15L6BH6v2srU7PlzC1hodWb""#, &["2r15L6BH6v2srU7PlzC1hodWb"]),
        example(r#"{"messagebird": "X8xaqFKacGTMB4LvJU6upzI3G"}"#, &["X8xaqFKacGTMB4LvJU6upzI3G"]),
        example("no name before it: 2r15L6BH6v2srU7PlzC1hodWb", &[]),
        example(r#"messagebird = "xxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
