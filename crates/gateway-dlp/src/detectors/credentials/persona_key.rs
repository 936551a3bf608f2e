//! `persona_key`: Persona API key.
//!
//! **Format.** `persona_production_` or `persona_sandbox_` and 20 to 80 small letters, digits, `-`
//! or `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `persona.go`.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "persona_key",
    name: "Persona API key",
    summary: "Persona API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["persona"],
    pattern: r"persona_(?:production|sandbox)_[0-9a-z_-]{20,80}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "PERSONA_API_KEY=persona_production_bwb271auq5r59j0o_l8xpc3dsgyp8mu3",
            &["persona_production_bwb271auq5r59j0o_l8xpc3dsgyp8mu3"],
        ),
        example(
            r#"{"key":"persona_sandbox_hr6q8olzsazvilo9wbhe2m3atvq8n3c","id":7}"#,
            &["persona_sandbox_hr6q8olzsazvilo9wbhe2m3atvq8n3c"],
        ),
        example(
            "key: persona_production_5xdiejw9etsuuktxw37mxzgc, and more",
            &["persona_production_5xdiejw9etsuuktxw37mxzgc"],
        ),
        example("cut short persona_sandbox_hr6q8olzsazvilo9wb", &[]),
        example("a placeholder persona_sandbox_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
