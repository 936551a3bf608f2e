//! `ph_passport`: Philippine passport number.
//!
//! **Format.** A letter, seven digits and a letter, or two letters and seven digits, behind a
//! name, at most 48 bytes before on the same line, or where they are all that a field holds. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Department of Foreign Affairs of the Philippines, passports.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["dfa", "pasaporte", "passport"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_passport",
    name: "Philippine passport number",
    summary: "Philippine passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[A-Z][0-9]{7}[A-Z]|[A-Z]{2}[0-9]{7}"),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Passport no. P1234567A, issued", &["P1234567A"]),
        example("a,EB1234567,b", &["EB1234567"]),
        example("no name P1234567A here", &[]),
        example("passport P123456A", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
