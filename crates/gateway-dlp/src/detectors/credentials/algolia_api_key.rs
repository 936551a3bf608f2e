//! `algolia_api_key`: Algolia API key.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `algolia-api-key`. On the kind: Algolia, "API
//! keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "algolia_api_key",
    name: "Algolia API key",
    summary: "Algolia API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["algolia"],
    pattern: assigned!("algolia", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"algolia = "34bdc45643ddef653ef51f1ab2f12d21""#,
            &["34bdc45643ddef653ef51f1ab2f12d21"],
        ),
        example(
            r#"{"algolia": "5b9aae5fb5e4bf4d700c84d545109a67"}"#,
            &["5b9aae5fb5e4bf4d700c84d545109a67"],
        ),
        example("no name before it: 34bdc45643ddef653ef51f1ab2f12d21", &[]),
        example(r#"algolia = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
