//! `langsmith_key`: LangSmith API key.
//!
//! **Format.** `lsv2_`, `pt` (personal) or `sk` (service), 32 hexadecimal digits, `_` and ten more.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `langchain.yml`. On the kind: LangSmith, "Create an account and API
//! key".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "langsmith_key",
    name: "LangSmith API key",
    summary: "LangSmith API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["langchain", "langsmith"],
    pattern: r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: 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, and more",
            &["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"],
        ),
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example("cut short lsv2_pt_ed87b82cbc8aa8152", &[]),
        example("a placeholder lsv2_pt_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
