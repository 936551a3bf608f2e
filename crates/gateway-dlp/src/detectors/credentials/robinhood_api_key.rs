//! `robinhood_api_key`: Robinhood Crypto API key.
//!
//! **Format.** `rh-api-` and a UUID in small letters. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Robinhood Crypto Trading API, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "robinhood_api_key",
    name: "Robinhood Crypto API key",
    summary: "Robinhood Crypto API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["robinhood"],
    pattern: r"rh-api-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"rh-api-c0e9ffb6-ab10-2626-c774-5524aa28ca03","id":7}"#,
            &["rh-api-c0e9ffb6-ab10-2626-c774-5524aa28ca03"],
        ),
        example(
            "key: rh-api-568ba522-64ff-8d27-239f-fb4bcd69d168, and more",
            &["rh-api-568ba522-64ff-8d27-239f-fb4bcd69d168"],
        ),
        example("cut short rh-api-c0e9ffb6-ab10-2626-c7", &[]),
        example("a placeholder rh-api-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
