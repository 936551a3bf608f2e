//! `databento_key`: Databento API key.
//!
//! **Format.** `db-` and 29 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `databento.go`. On the kind: Databento documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "databento_key",
    name: "Databento API key",
    summary: "Databento API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["databento"],
    pattern: alone!("db-[0-9A-Za-z]{29}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"db-YQegu1KTitylb6iZSznuad0e3Lyxa","id":7}"#,
            &["db-YQegu1KTitylb6iZSznuad0e3Lyxa"],
        ),
        example(
            "key: db-qDKUL0tenzjrmDWzcgeLyxNzhvsaP, and more",
            &["db-qDKUL0tenzjrmDWzcgeLyxNzhvsaP"],
        ),
        example("cut short db-YQegu1KTitylb6iZS", &[]),
        example("a placeholder db-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
