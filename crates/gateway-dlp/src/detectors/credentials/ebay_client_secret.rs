//! `ebay_client_secret`: eBay client secret.
//!
//! **Format.** `PRD-` or, of the sandbox, `SBX-`, twelve hexadecimal digits and four times a dash
//! and four of them. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `ebay.go`, for the prefix; public code for the lengths.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ebay_client_secret",
    name: "eBay client secret",
    summary: "eBay client secret (Cert ID), by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["ebay"],
    pattern: alone!("(?:PRD|SBX)-[0-9a-f]{12}(?:-[0-9a-f]{4}){4}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "EBAY_CERT_ID=PRD-8c7b765109fb-5eb8-1024-5367-8ef5",
            &["PRD-8c7b765109fb-5eb8-1024-5367-8ef5"],
        ),
        example(
            r#"{"client_secret":"SBX-b9daef94360c-df8c-be79-8ede-f4fd"}"#,
            &["SBX-b9daef94360c-df8c-be79-8ede-f4fd"],
        ),
        example("cut short PRD-8c7b765109fb-5eb8-", &[]),
        example("a placeholder PRD-xxxxxxxxxxxx-xxxx-xxxx-xxxx-xxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
