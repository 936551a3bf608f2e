//! `datastax_astra_token`: DataStax Astra token.
//!
//! **Format.** `AstraCS:`, 20 to 24 letters or digits, `:` and 64 hexadecimal digits. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `datastax.go`. On the kind: DataStax Astra documentation, "Application
//! tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "datastax_astra_token",
    name: "DataStax Astra token",
    summary: "DataStax Astra token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["astra", "datastax"],
    pattern: r"AstraCS:[0-9A-Za-z]{20,24}:[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"AstraCS:PWMgcbKwqh2L9ot6DX7uVVi:d21e9f17b2562b940071b3c49c56df283e0c07ebf8a60af36531440e27839980","id":7}"#,
            &[
                "AstraCS:PWMgcbKwqh2L9ot6DX7uVVi:d21e9f17b2562b940071b3c49c56df283e0c07ebf8a60af36531440e27839980",
            ],
        ),
        example(
            "key: AstraCS:LkoZEUsyLTj8DqTPc28q:8a7fd498914867df35f46d04b7e40e7c1f3503d069dc9040a932989eeeb8bc0e, and more",
            &[
                "AstraCS:LkoZEUsyLTj8DqTPc28q:8a7fd498914867df35f46d04b7e40e7c1f3503d069dc9040a932989eeeb8bc0e",
            ],
        ),
        example("cut short AstraCS:PWMgcbKwqh2L9ot6DX7uVVi:d21e9f17b2562b940071b3c49c56", &[]),
        example(
            "a placeholder AstraCS:xxxxxxxxxxxxxxxxxxxxxxx:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 8;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
