//! `it_driver_license`: italian driving licence number.
//!
//! **Format.** Two letters, seven digits and a letter; or `U1`, seven digits and consonants and a
//! letter. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Motorizzazione civile, Codice della Strada.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "it_driver_license",
    name: "Italian driving licence number",
    summary: "Italian driving licence numbers, by form",
    category: Category::Identity,
    keywords: &["guida", "licence", "license", "patente", "patente di guida"],
    pattern: alone!("(?i:[A-Z]{2}[0-9]{7}[A-Z]|U1[0-9B-DF-HJ-NP-TV-Z]{7}[A-Z])"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("patente: AA0123456B", &["AA0123456B"]),
        example("license U1K711J11M here", &["U1K711J11M"]),
        example("a vowel U1H00A000B", &[]),
        example("no letters 990123456B", &[]),
        example("part of more AA0123456BC", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
