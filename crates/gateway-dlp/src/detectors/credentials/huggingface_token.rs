//! `huggingface_token`: Hugging Face access token.
//!
//! **Format.** `hf_` (user) or `api_org_` (organisation) and 34 letters. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `huggingface-access-token`. On the kind: Hugging
//! Face Hub, "User access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "huggingface_token",
    name: "Hugging Face access token",
    summary: "Hugging Face access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["huggingface"],
    pattern: alone!("(?:hf_|api_org_)[A-Za-z]{34}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example(
            "key: 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, and more",
            &["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"],
        ),
        example("cut short hf_ABbPijEDGACRIFy", &[]),
        example("a placeholder hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
