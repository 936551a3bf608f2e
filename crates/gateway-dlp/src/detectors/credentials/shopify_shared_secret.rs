//! `shopify_shared_secret`: Shopify shared secret.
//!
//! **Format.** `shpss_` and 32 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `shopify-shared-secret`. On the kind: Shopify
//! developer documentation, "Length of access tokens", prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "shopify_shared_secret",
    name: "Shopify shared secret",
    summary: "Shopify shared secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["shopify"],
    pattern: r"shpss_[0-9A-Fa-f]{32}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example("cut short shpss_0537aa9e65787", &[]),
        example("a placeholder shpss_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
