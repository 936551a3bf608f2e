//! `riot_api_key`: Riot Games API key.
//!
//! **Format.** `RGAPI-` and a UUID in small letters. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Riot Games developer portal, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "riot_api_key",
    name: "Riot Games API key",
    summary: "Riot Games API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["riot"],
    pattern: r"RGAPI-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"RGAPI-f341614d-36ba-9d8e-70f4-56c7172c28dc","id":7}"#,
            &["RGAPI-f341614d-36ba-9d8e-70f4-56c7172c28dc"],
        ),
        example(
            "key: RGAPI-a315a621-8c12-1872-2faa-a4a0836ee36c, and more",
            &["RGAPI-a315a621-8c12-1872-2faa-a4a0836ee36c"],
        ),
        example("cut short RGAPI-f341614d-36ba-9d8e-70", &[]),
        example("a placeholder RGAPI-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
