//! `ubidots_token`: Ubidots token.
//!
//! **Format.** `BBFF-` or `BBUS-` and 30 letters or digits. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Ubidots, "API authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ubidots_token",
    name: "Ubidots token",
    summary: "Ubidots token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["ubidots"],
    pattern: alone!("BB(?:FF|US)-[0-9A-Za-z]{30}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=BBFF-bwfuI3wVQiSzKOUOfEPMAYX7x1Njrp\n",
            &["BBFF-bwfuI3wVQiSzKOUOfEPMAYX7x1Njrp"],
        ),
        example(
            "Authorization: Bearer BBFF-v5L4NVtLPm2SrLvVUkILFFHB88X8uv",
            &["BBFF-v5L4NVtLPm2SrLvVUkILFFHB88X8uv"],
        ),
        example("cut short BBFF-bwfuI3wVQiSz", &[]),
        example("a placeholder BBFF-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
