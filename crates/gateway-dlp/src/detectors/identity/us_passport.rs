//! `us_passport`: US passport numbers.
//!
//! **Format.** Nine digits, or a letter and eight digits. No ASCII letter, digit or `_` may touch it;
//! an escape such as `\n` or `%20` may come right before it. It is found where the word `passport` or
//! the words `travel document`, in the plural too, stand before it, at most 48 bytes before on the
//! same line, or behind it, at most 40, or where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** US Department of State, passports.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["passport", "travel document"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_passport",
    name: "US passport number",
    summary: "US passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: told!("[0-9A-Za-z][0-9]{8}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("passport: 912803456", &["912803456"]),
        example("US Passport No. A12803456", &["A12803456"]),
        example("my travel document is A12803456", &["A12803456"]),
        example("A12803456 is my passport", &["A12803456"]),
        example("a,Z12803456,b", &["Z12803456"]),
        example("912803456 alone", &[]),
        example("passport: 91280345", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, NAMES, Confidence::Low, |_| true)
}
