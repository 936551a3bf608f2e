//! `shopify_custom_app_token`: Shopify custom app token.
//!
//! **Format.** `shpca_` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `shopify-custom-access-token`. On the kind:
//! Shopify developer documentation, "Length of access tokens", prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shopify_custom_app_token",
    name: "Shopify custom app token",
    summary: "Shopify custom app token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shopify"],
    pattern: r"shpca_[0-9A-Fa-f]{32}\b{end-half}",
    match_bytes_max: 48,
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
        example("cut short shpca_fF31DeB882366", &[]),
        example("a placeholder shpca_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
