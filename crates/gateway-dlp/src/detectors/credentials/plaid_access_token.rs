//! `plaid_access_token`: Plaid access token.
//!
//! **Format.** `access-`, `sandbox-`, `development-` or `production-`, and a UUID. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `plaid-api-token`. On the kind: Plaid, "Tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "plaid_access_token",
    name: "Plaid access token",
    summary: "Plaid access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["plaid"],
    pattern: r"access-(?:sandbox|development|production)-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=access-development-35edFA0A-be09-b6f5-049D-e3c95a7eF775\n",
            &["access-development-35edFA0A-be09-b6f5-049D-e3c95a7eF775"],
        ),
        example(
            r#"{"key":"access-sandbox-1e5d33B6-1F5f-7Bb6-19be-cdCF471b2790","id":7}"#,
            &["access-sandbox-1e5d33B6-1F5f-7Bb6-19be-cdCF471b2790"],
        ),
        example("cut short access-development-35edFA0A", &[]),
        example("a placeholder access-developmxxx-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 15;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
