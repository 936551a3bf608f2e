//! `together_ai_key`: Together AI API key.
//!
//! **Format.** `tgp_v1_` and 43 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `togetherai-api-key`. On the kind: Together
//! AI documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "together_ai_key",
    name: "Together AI API key",
    summary: "Together AI API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["together"],
    pattern: r"tgp_v1_[0-9A-Za-z_-]{43}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"tgp_v1_nLCvGJB8dSWjK9MFQTqd-g0BgX4IdoHWwHo9mJmmYwM","id":7}"#,
            &["tgp_v1_nLCvGJB8dSWjK9MFQTqd-g0BgX4IdoHWwHo9mJmmYwM"],
        ),
        example(
            "key: tgp_v1_Eko0k0jMPmjC1p63RiWU0591Cvn5lrsNpef4rgLDZ2E, and more",
            &["tgp_v1_Eko0k0jMPmjC1p63RiWU0591Cvn5lrsNpef4rgLDZ2E"],
        ),
        example("cut short tgp_v1_nLCvGJB8dSWjK9MFQTqd-g0Bg", &[]),
        example("a placeholder tgp_v1_xxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
