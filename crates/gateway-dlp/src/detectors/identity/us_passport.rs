//! `us_passport`: US passport numbers.
//!
//! **Format.** The word `passport` or the words `travel document`, in the plural too, and nine digits,
//! or a letter and eight digits. The name and what parts it from the number are no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** US Department of State, passports.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_passport",
    name: "US passport number",
    summary: "US passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passport", "travel document"],
    pattern: named!("(?:passports?|travel documents?)", "[0-9A-Z][0-9]{8}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("passport: 912803456", &["912803456"]),
        example("US Passport No. A12803456", &["A12803456"]),
        example("my travel document is A12803456", &["A12803456"]),
        example("912803456 alone", &[]),
        example("passport: 91280345", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
