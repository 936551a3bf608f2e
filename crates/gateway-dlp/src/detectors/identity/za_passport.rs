//! `za_passport`: South African passport number.
//!
//! **Format.** `A`, `D`, `M` or `T` and eight digits, behind a name, at most 48 bytes before on
//! the same line, or where they are all that a field holds. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Department of Home Affairs of South Africa, passports.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["passport", "travel document"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "za_passport",
    name: "South African passport number",
    summary: "South African passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[ADMT][0-9]{8}"),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Passport no. A12345678, issued", &["A12345678"]),
        example("a,M12345678,b", &["M12345678"]),
        example("no name A12345678 here", &[]),
        example("passport Z12345678", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
