//! `freshbooks_token`: FreshBooks access token.
//!
//! **Format.** 64 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `freshbooks-access-token`. On the kind: FreshBooks
//! API, "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "freshbooks_token",
    name: "FreshBooks access token",
    summary: "FreshBooks access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["freshbooks"],
    pattern: assigned!("freshbooks", "[0-9a-f]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"FRESHBOOKS_TOKEN = "31c41885221c25f6aaf76fdc6c369aad6b68b75b48e99f73f289509dddc3ebff""#,
            &["31c41885221c25f6aaf76fdc6c369aad6b68b75b48e99f73f289509dddc3ebff"],
        ),
        example(
            r#"{"freshbooks_access_token": "c5ccd8099ee02cab83bb43e451f9ab2845ad0f3d761f3d0201bfe8c26b715568"}"#,
            &["c5ccd8099ee02cab83bb43e451f9ab2845ad0f3d761f3d0201bfe8c26b715568"],
        ),
        example(
            "no name before it: 31c41885221c25f6aaf76fdc6c369aad6b68b75b48e99f73f289509dddc3ebff",
            &[],
        ),
        example(
            r#"FRESHBOOKS_TOKEN = "0000000000000000000000000000000000000000000000000000000000000000""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
