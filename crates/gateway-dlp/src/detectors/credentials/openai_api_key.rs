//! `openai_api_key`: OpenAI API key.
//!
//! **Format.** `sk-`, for newer ones the kind (`proj-`, `svcacct-`, `service-`, `admin-`, `None-`),
//! 20 to 80 letters, digits, `-` or `_`, the mark `T3BlbkFJ`, which is base64 of `OpenAI`, and as many
//! more; without a kind 20 letters or digits before and behind the mark. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `openai-api-key`. On the kind: OpenAI API
//! reference, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "openai_api_key",
    name: "OpenAI API key",
    summary: "OpenAI API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["openai"],
    pattern: alone!(
        "sk-(?:(?:proj|svcacct|service|admin|None)-[0-9A-Za-z_-]{20,80}T3BlbkFJ[0-9A-Za-z_-]{20,80}|[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20})"
    ),
    match_bytes_max: 192,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "OPENAI_API_KEY=sk-svcacct-q7Zt2LmV0cXr-7YpKw3Hd_Q1sBn5jT9uEvGfRxAa8DeT3BlbkFJk4Wy6CiOp2MzNb-7XvLh0SgJdFqU3tRe_9YaKoPl5TcA",
            &[
                "sk-svcacct-q7Zt2LmV0cXr-7YpKw3Hd_Q1sBn5jT9uEvGfRxAa8DeT3BlbkFJk4Wy6CiOp2MzNb-7XvLh0SgJdFqU3tRe_9YaKoPl5TcA",
            ],
        ),
        example(
            "OPENAI_API_KEY=sk-None-zymMlopiWfqUyHRSIf8NT3BlbkFJFmAUNLnY5Yx0y3RnjDQl",
            &["sk-None-zymMlopiWfqUyHRSIf8NT3BlbkFJFmAUNLnY5Yx0y3RnjDQl"],
        ),
        example(
            "key: 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, and more",
            &["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"],
        ),
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example("cut short sk-BwCuyCr9UzXVu5nu9R0LT3", &[]),
        example("a placeholder sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
