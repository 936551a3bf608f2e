//! `zendesk_token`: Zendesk API token.
//!
//! **Format.** 40 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `zendesk-secret-key`. On the kind: Zendesk, "API
//! token access".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zendesk_token",
    name: "Zendesk API token",
    summary: "Zendesk API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["zendesk"],
    pattern: assigned!("zendesk", "[0-9A-Za-z]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"zendesk = "IhrjMIy9vzvIEDa5AXzEM2qPIw8slkfhgh3kG0UW""#,
            &["IhrjMIy9vzvIEDa5AXzEM2qPIw8slkfhgh3kG0UW"],
        ),
        example(
            r#"{"zendesk": "b087SgiBI3l3khQPem8xBRGJQGSch4ZgNsUI1akY"}"#,
            &["b087SgiBI3l3khQPem8xBRGJQGSch4ZgNsUI1akY"],
        ),
        example("no name before it: IhrjMIy9vzvIEDa5AXzEM2qPIw8slkfhgh3kG0UW", &[]),
        example(r#"zendesk = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
