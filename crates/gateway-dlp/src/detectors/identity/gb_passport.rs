//! `gb_passport`: British passport numbers.
//!
//! **Format.** The word `passport` or `passports`, and nine digits, or two letters and seven digits. The name and
//! what parts it from the number are no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** HM Passport Office.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_passport",
    name: "UK passport number",
    summary: "British passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passport"],
    pattern: named!("passports?", "(?:[0-9]{9}|[A-Z]{2}[0-9]{7})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("UK passport: 925665416", &["925665416"]),
        example("passport number is AB1234567", &["AB1234567"]),
        example("passports: AB1234567", &["AB1234567"]),
        example("925665416 alone", &[]),
        example("passport: 92566541", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
