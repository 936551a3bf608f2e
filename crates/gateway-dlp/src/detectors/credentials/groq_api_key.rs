//! `groq_api_key`: Groq API key.
//!
//! **Format.** `gsk_` and 52 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `groq-api-key`. On the kind: Groq, "API
//! keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "groq_api_key",
    name: "Groq API key",
    summary: "Groq API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["groq"],
    pattern: alone!("gsk_[0-9A-Za-z]{52}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example("cut short gsk_FSnui0BwYC1gpoQekq4BF07b", &[]),
        example("a placeholder gsk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
