//! `honeycomb_key`: Honeycomb API key.
//!
//! **Format.** `hc`, the letter of a region, `ik_` (ingest) or `lk_` and 58 letters or digits. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Honeycomb documentation, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "honeycomb_key",
    name: "Honeycomb API key",
    summary: "Honeycomb API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["honeycomb"],
    pattern: r"hc[0-9a-z][il]k_[0-9A-Za-z]{58}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUlqygLm3IgFjmeG0Zogl61zoRB","id":7}"#,
            &["hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUlqygLm3IgFjmeG0Zogl61zoRB"],
        ),
        example(
            "key: hcblk_2EnAoazdWKRIekRMxzCnUf3hKdcTx9HcotE1uXyPcsgOsHj0CYXX9DVj3v, and more",
            &["hcblk_2EnAoazdWKRIekRMxzCnUf3hKdcTx9HcotE1uXyPcsgOsHj0CYXX9DVj3v"],
        ),
        example("cut short hc5ik_QBjTPAzCKy7qZgMWFxonsprhLKndwEMOUl", &[]),
        example(
            "a placeholder hc5ik_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
