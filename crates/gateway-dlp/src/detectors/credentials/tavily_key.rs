//! `tavily_key`: Tavily API key.
//!
//! **Format.** `tvly-`, for some `dev-` or `prod-`, and 32 letters or digits. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Tavily, "API reference".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tavily_key",
    name: "Tavily API key",
    summary: "Tavily API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["tavily"],
    pattern: r"tvly-(?:dev-|prod-)?[0-9A-Za-z]{32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example("cut short tvly-5N4NJCWJ0vpWw", &[]),
        example("a placeholder tvly-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
