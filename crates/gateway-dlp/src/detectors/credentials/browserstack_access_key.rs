//! `browserstack_access_key`: BrowserStack access key.
//!
//! **Format.** 20 letters or digits, assigned to a name of at most 30 more characters; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `browserstack.go`. On the kind: BrowserStack, "Access key".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "browserstack_access_key",
    name: "BrowserStack access key",
    summary: "BrowserStack access key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["browserstack"],
    pattern: assigned!("browser_?stack", "[0-9A-Za-z]{20}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"BROWSERSTACK_ACCESS_KEY = "ZqpXc5hcHPOEVBljOlOA""#, &["ZqpXc5hcHPOEVBljOlOA"]),
        example(r#"{"browserstack.key": "EtoDOE5C3VEgPRqfNiIu"}"#, &["EtoDOE5C3VEgPRqfNiIu"]),
        example("no name before it: ZqpXc5hcHPOEVBljOlOA", &[]),
        example(r#"BROWSERSTACK_ACCESS_KEY = "ZqpXxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
