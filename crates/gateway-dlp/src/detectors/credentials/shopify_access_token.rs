//! `shopify_access_token`: Shopify access token.
//!
//! **Format.** `shpat_` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `shopify-access-token`. On the kind: Shopify
//! developer documentation, "Length of access tokens", prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shopify_access_token",
    name: "Shopify access token",
    summary: "Shopify access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shopify"],
    pattern: r"shpat_[0-9A-Fa-f]{32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example("cut short shpat_F850d47B71AB0", &[]),
        example("a placeholder shpat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
