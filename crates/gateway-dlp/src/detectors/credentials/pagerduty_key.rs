//! `pagerduty_key`: PagerDuty API key.
//!
//! **Format.** 20 letters, digits, `-`, `_` or `+`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder; and at least three characters of it are no small letters, unlike names of fields.
//!
//! **Source.** betterleaks, `pagerduty.go`. On the kind: PagerDuty, "API access keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pagerduty_key",
    name: "PagerDuty API key",
    summary: "PagerDuty API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["pagerduty"],
    pattern: assigned!("pagerduty|pd_?(?:api|key|token)|token token", "[0-9A-Za-z_+-]{20}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("Authorization: Token token=u+vkT2jEdFNYGr3xNFOL", &["u+vkT2jEdFNYGr3xNFOL"]),
        example(r#"pagerduty = "voSJJweAjhEKbHJIpCFb""#, &["voSJJweAjhEKbHJIpCFb"]),
        example(r#"{"pagerduty": "jwrngqOE5BvAqIbHSH3Z"}"#, &["jwrngqOE5BvAqIbHSH3Z"]),
        example("no name before it: voSJJweAjhEKbHJIpCFb", &[]),
        example(r#"pagerduty = "xxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_word = |judgement: &Judgement| {
        let value = sample.matched.get(judgement.lead..).unwrap_or_default();
        value.iter().filter(|byte| !byte.is_ascii_lowercase()).count() < 3
    };
    value(sample, Confidence::Medium).filter(|judgement| !is_word(judgement))
}
