//! `kr_passport`: south Korean passport number.
//!
//! **Format.** `M`, `S`, `R`, `O` or `D`, three digits, a letter and four digits, or, as given
//! before 2021, eight digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it. The older ones are found behind one of their names, at most 48
//! bytes before on the same line, or where they are all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Ministry of Foreign Affairs of Korea.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["passport", "여권", "여권번호", "여권번호는"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kr_passport",
    name: "South Korean passport number",
    summary: "South Korean passport numbers, by form",
    category: Category::Identity,
    keywords: &["passport", "여권", "여권번호", "여권번호는"],
    pattern: told!("[DMORSdmors](?:[0-9]{3}[A-Za-z][0-9]{4}|[0-9]{8})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: current,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("M123A4567 and m456b7890", &["M123A4567", "m456b7890"]),
        example("My old passport M12345678", &["M12345678"]),
        example("M12345678 is my passport", &["M12345678"]),
        example("unnamed M12345678 here", &[]),
        example("no such letter A123B4567", &[]),
        example("part of more MM123A4567, M123A45678", &[]),
    ],
};

fn current(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, |number| {
        number.get(4).is_some_and(u8::is_ascii_alphabetic)
    })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, NAMES, Confidence::Low, |_| true)
}
