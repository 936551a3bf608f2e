//! `perplexity_api_key`: Perplexity API key.
//!
//! **Format.** `pplx-` and 48 letters or digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `perplexity-api-key`. On the kind: Perplexity,
//! "API key management".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "perplexity_api_key",
    name: "Perplexity API key",
    summary: "Perplexity API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["perplexity"],
    pattern: r"pplx-[0-9A-Za-z]{48}\b{end-half}",
    match_bytes_max: 64,
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
        example("cut short pplx-t0CG7dABKcvBxnGwAFpeU", &[]),
        example("a placeholder pplx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
