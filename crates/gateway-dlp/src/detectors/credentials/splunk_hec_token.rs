//! `splunk_hec_token`: Splunk HTTP event collector token.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Splunk, "HTTP Event Collector".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "splunk_hec_token",
    name: "Splunk HTTP event collector token",
    summary: "Splunk HTTP event collector token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["hec", "splunk"],
    pattern: assigned!(
        "splunk|hec_token|x-splunk",
        "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"splunk_hec_token = "Bc8b24ca-7CF5-5C4D-aa18-53Bdd8EDeAdC""#,
            &["Bc8b24ca-7CF5-5C4D-aa18-53Bdd8EDeAdC"],
        ),
        example(
            r#"{"SPLUNK_TOKEN": "D7d9e047-d112-2BFA-05DD-F5da72D3f3ba"}"#,
            &["D7d9e047-d112-2BFA-05DD-F5da72D3f3ba"],
        ),
        example("no name before it: Bc8b24ca-7CF5-5C4D-aa18-53Bdd8EDeAdC", &[]),
        example(r#"splunk_hec_token = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
