//! `ng_vehicle_registration`: nigerian vehicle registration number.
//!
//! **Format.** Three letters, a dash, a space or nothing, three digits and two letters, in any
//! case. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Federal Road Safety Corps.
//!
//! **Confidence.** Low: there is no check.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ng_vehicle_registration",
    name: "Nigerian vehicle registration number",
    summary: "Nigerian vehicle registration numbers, by form",
    category: Category::Identity,
    keywords: &["plate", "vehicle"],
    pattern: alone!("[A-Za-z]{3}[ -]?[0-9]{3}[ -]?[A-Za-z]{2}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("Plates: APP-456CV and KJA-999PZ", &["APP-456CV", "KJA-999PZ"]),
        example("APP456CV", &["APP456CV"]),
        example("no such form AB-1234CD", &[]),
        example("part of more ABCD-123EF", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
