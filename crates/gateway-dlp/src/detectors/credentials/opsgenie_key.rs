//! `opsgenie_key`: Opsgenie API key.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `opsgenie.go`. On the kind: Opsgenie, "API key management".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "opsgenie_key",
    name: "Opsgenie API key",
    summary: "Opsgenie API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["opsgenie"],
    pattern: assigned!("opsgenie", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"opsgenie = "aFA7149b-fe84-506c-bA5F-0df1A85Fb498""#,
            &["aFA7149b-fe84-506c-bA5F-0df1A85Fb498"],
        ),
        example(
            r#"{"opsgenie": "9FaB4B29-dCeC-C468-a2c2-94f7A5CBaf96"}"#,
            &["9FaB4B29-dCeC-C468-a2c2-94f7A5CBaf96"],
        ),
        example("no name before it: aFA7149b-fe84-506c-bA5F-0df1A85Fb498", &[]),
        example(r#"opsgenie = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
