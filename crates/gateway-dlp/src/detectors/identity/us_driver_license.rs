//! `us_driver_license`: numbers of US driver licenses.
//!
//! **Format.** A letter and 5 to 14 digits, or two letters and 4 to 7, or 7 to 13 digits. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it. It is
//! found where a name such as `driver license` or `DL` stands before it, at most 48 bytes before on the
//! same line, or behind it, at most 40. One letter and 7 to 14 digits are found where they are all
//! that a field holds as well, and digits alone in a row of numbers.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** AAMVA, DL/ID card design; formats of the states.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in;
use crate::detectors::number::told_number;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &[
    "dl",
    "dln",
    "driver licence",
    "driver license",
    "driver's licence",
    "driver's license",
    "driver_license",
    "drivers license",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_driver_license",
    name: "US driver license number",
    summary: "Numbers of US driver licenses, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: concat!(
        lead_in!(),
        r"(?:(?:[A-Z][0-9]{5,14}|[A-Z]{2}[0-9]{4,7}|[0-9]{7,13})\b{end-half}",
        r"(?:[^0-9\n]{1,40}\b{end-half})?|[0-9]{7,13} [0-9])"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { anywhere: row, alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("driver's license: H12234567", &["H12234567"]),
        example("DL# 12345678", &["12345678"]),
        example("H12234567 is my driver license", &["H12234567"]),
        example("a,H12234567,b", &["H12234567"]),
        example("123456789 1234567890 1234", &["123456789", "1234567890"]),
        example("H12234567 alone", &[]),
        example("DL: 1234", &[]),
        example("a driver license is needed", &[]),
    ],
};

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, |number| {
        let len = number.iter().skip_while(|byte| byte.is_ascii_alphabetic()).count();
        len + 1 == number.len() && len >= 7
    })
}

/// What is a number in a row of numbers, with what begins the next one.
fn row(sample: &Sample<'_>) -> Option<Judgement> {
    let [number @ .., b' ', _] = sample.matched else { return None };
    let is_next = matches!(sample.before, [] | [.., b'\n'] | [b'0'..=b'9', b' ']);
    let is_row = is_next && number.iter().all(u8::is_ascii_digit);
    is_row.then_some(Judgement { confidence: Confidence::Low, lead: 0, trail: 2 })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    match sample.matched {
        [.., b' ', b'0'..=b'9'] => None,
        _ => told_number(sample, NAMES, Confidence::Low, |_| true),
    }
}
