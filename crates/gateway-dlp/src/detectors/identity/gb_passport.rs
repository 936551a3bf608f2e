//! `gb_passport`: British passport numbers.
//!
//! **Format.** Nine digits, or two letters and seven digits. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it. It is found where the word
//! `passport` stands before it, at most 48 bytes before on the same line, or behind it, at most 40;
//! with letters also where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** HM Passport Office.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["passport"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_passport",
    name: "UK passport number",
    summary: "British passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: told!("(?:[0-9]{9}|[A-Za-z]{2}[0-9]{7})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("UK passport: 925665416", &["925665416"]),
        example("passport number is AB1234567", &["AB1234567"]),
        example("passports: AB1234567", &["AB1234567"]),
        example("Passports: AB1234567 and XY9876543", &["AB1234567", "XY9876543"]),
        example("ab1234567 is my passport", &["ab1234567"]),
        example("a,AB1234567,b", &["AB1234567"]),
        example("925665416 alone", &[]),
        example("passport: 92566541", &[]),
    ],
};

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, |number| {
        number.first().is_some_and(u8::is_ascii_alphabetic)
    })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, NAMES, Confidence::Low, |_| true)
}
