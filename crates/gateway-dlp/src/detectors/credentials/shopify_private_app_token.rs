//! `shopify_private_app_token`: Shopify private app token.
//!
//! **Format.** `shppa_` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `shopify-private-app-access-token`. On the kind:
//! Shopify developer documentation, "Length of access tokens", prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shopify_private_app_token",
    name: "Shopify private app token",
    summary: "Shopify private app token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shopify"],
    pattern: r"shppa_[0-9A-Fa-f]{32}\b{end-half}",
    match_bytes_max: 48,
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
        example("cut short shppa_cCCAb943Eaae1", &[]),
        example("a placeholder shppa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
