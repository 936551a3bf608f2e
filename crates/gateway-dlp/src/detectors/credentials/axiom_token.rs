//! `axiom_token`: Axiom API token.
//!
//! **Format.** `xaat-` (API) or `xapt-` (personal) and a UUID in small letters. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Axiom documentation, "Access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "axiom_token",
    name: "Axiom API token",
    summary: "Axiom API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["axiom"],
    pattern: r"xa[ap]t-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"xapt-e27e84b9-df8a-c31b-c418-69ca1aa12562","id":7}"#,
            &["xapt-e27e84b9-df8a-c31b-c418-69ca1aa12562"],
        ),
        example(
            "key: xaat-2308929c-703c-e8c3-bd95-d106db3f28e0, and more",
            &["xaat-2308929c-703c-e8c3-bd95-d106db3f28e0"],
        ),
        example("cut short xapt-e27e84b9-df8a-c31b-c4", &[]),
        example("a placeholder xapt-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
