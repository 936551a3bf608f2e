//! `openrouter_key`: OpenRouter API key.
//!
//! **Format.** `sk-or-v1-` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `openrouter-api-key`. On the kind:
//! OpenRouter, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "openrouter_key",
    name: "OpenRouter API key",
    summary: "OpenRouter API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["openrouter"],
    pattern: r"sk-or-v1-[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: 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, and more",
            &["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"],
        ),
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example("cut short sk-or-v1-6cb39f1bd29abe5104691cc8e83", &[]),
        example(
            "a placeholder sk-or-v1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
