//! `langfuse_secret_key`: Langfuse secret key.
//!
//! **Format.** `sk-lf-` and a UUID. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `langfuse.go`. On the kind: Langfuse, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "langfuse_secret_key",
    name: "Langfuse secret key",
    summary: "Langfuse secret key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["langfuse"],
    pattern: r"sk-lf-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: sk-lf-ebeeBBb9-ea69-ad7a-6c34-d4A79CA6Ca82, and more",
            &["sk-lf-ebeeBBb9-ea69-ad7a-6c34-d4A79CA6Ca82"],
        ),
        example(
            r#"token = "sk-lf-7246AC0b-Ec49-BeB8-eCcE-67b897eAACbF""#,
            &["sk-lf-7246AC0b-Ec49-BeB8-eCcE-67b897eAACbF"],
        ),
        example("cut short sk-lf-ebeeBBb9-ea69-a", &[]),
        example("a placeholder sk-lf-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
