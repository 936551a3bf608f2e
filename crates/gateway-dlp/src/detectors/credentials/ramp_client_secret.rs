//! `ramp_client_secret`: Ramp client secret.
//!
//! **Format.** `ramp_sec_` and 48 letters or digits, or `ramp_business_tok_` (access) and 42. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `ramp.yml`. On the kind: Ramp developer documentation, "Authorization".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ramp_client_secret",
    name: "Ramp client secret",
    summary: "Ramp client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["ramp"],
    pattern: r"ramp_(?:sec_[0-9A-Za-z]{48}|business_tok_[0-9A-Za-z]{42})\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ramp_business_tok_96jbIRPC8g2h5q9jGk7TD4lZ9a0YdKSQ5ZzrjvDkYf","id":7}"#,
            &["ramp_business_tok_96jbIRPC8g2h5q9jGk7TD4lZ9a0YdKSQ5ZzrjvDkYf"],
        ),
        example(
            "key: ramp_sec_sfzD4DEt2btSXxTqUjnJG9kiRBQaPK4uH6oMdhTiSTNtBATH, and more",
            &["ramp_sec_sfzD4DEt2btSXxTqUjnJG9kiRBQaPK4uH6oMdhTiSTNtBATH"],
        ),
        example("cut short ramp_business_tok_96jbIRPC8g2h5q9jGk7TD", &[]),
        example("a placeholder ramp_busixxxx_xxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
