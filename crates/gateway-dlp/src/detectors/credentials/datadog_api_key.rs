//! `datadog_api_key`: Datadog API key.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `datadog.yml`. On the kind: Datadog, "API and application keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "datadog_api_key",
    name: "Datadog API key",
    summary: "Datadog API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["datadog"],
    pattern: assigned!("(?:datadog|dd)[_. -]?(?:api)", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"DD_API_KEY = "efb3c947d78cdce55fe9ed2316000de2""#,
            &["efb3c947d78cdce55fe9ed2316000de2"],
        ),
        example(
            r#"{"datadog-api": "74e787afc925ab2b58dc7c8f02781628"}"#,
            &["74e787afc925ab2b58dc7c8f02781628"],
        ),
        example("no name before it: efb3c947d78cdce55fe9ed2316000de2", &[]),
        example(r#"DD_API_KEY = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
