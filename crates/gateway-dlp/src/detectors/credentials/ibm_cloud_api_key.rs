//! `ibm_cloud_api_key`: IBM Cloud API key.
//!
//! **Format.** 44 letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** IBM Cloud, "Managing user API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ibm_cloud_api_key",
    name: "IBM Cloud API key",
    summary: "IBM Cloud API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["iam", "ibm"],
    pattern: assigned!(
        "(?:ibm|cloud[_. -]?(?:api|iam)|iam[_. -]?(?:api|key|pass))",
        "[0-9A-Za-z_-]{44}"
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"IBM_CLOUD_API_KEY = "8PM1BnJPIeqHk8NdsQxXKmm9vtHx0K_9TGlB7Tkr69YZ""#,
            &["8PM1BnJPIeqHk8NdsQxXKmm9vtHx0K_9TGlB7Tkr69YZ"],
        ),
        example(
            r#"{"cloud_iam_api_key": "8tMEls1oPGsxT2rmzHykyCWibqXEgp_VA2a0fGb9Xo51"}"#,
            &["8tMEls1oPGsxT2rmzHykyCWibqXEgp_VA2a0fGb9Xo51"],
        ),
        example("no name before it: 8PM1BnJPIeqHk8NdsQxXKmm9vtHx0K_9TGlB7Tkr69YZ", &[]),
        example(r#"IBM_CLOUD_API_KEY = "8PM1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
