//! `arcjet_key`: Arcjet key.
//!
//! **Format.** `ajkey_` and 26 small letters or digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `arcjet.yml`. On the kind: Arcjet documentation, "Concepts: sites and
//! keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "arcjet_key",
    name: "Arcjet key",
    summary: "Arcjet key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["arcjet"],
    pattern: r"ajkey_[0-9a-z]{26}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ajkey_13axkb9vnflivsrypb5jlj35ri","id":7}"#,
            &["ajkey_13axkb9vnflivsrypb5jlj35ri"],
        ),
        example(
            "key: ajkey_ms0qe2p59ooh52slwu3iqi6cd1, and more",
            &["ajkey_ms0qe2p59ooh52slwu3iqi6cd1"],
        ),
        example("cut short ajkey_13axkb9vnflivsr", &[]),
        example("a placeholder ajkey_xxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
