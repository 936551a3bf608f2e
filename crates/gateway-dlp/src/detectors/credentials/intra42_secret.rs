//! `intra42_secret`: 42 Intranet client secret.
//!
//! **Format.** `s-s4t2ud-` or `s-s4t2af-` and 64 hexadecimal digits. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `intra42-client-secret`. On the kind: 42 API
//! documentation, "Getting started".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "intra42_secret",
    name: "42 Intranet client secret",
    summary: "42 Intranet client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["intra42"],
    pattern: r"s-s4t2(?:ud|af)-[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example(
            "key: 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, and more",
            &["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"],
        ),
        example("cut short s-s4t2af-9f32d010eb90d944d2c6029a97b", &[]),
        example(
            "a placeholder s-s4t2af-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
