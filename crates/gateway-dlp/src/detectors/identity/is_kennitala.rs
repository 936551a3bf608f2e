//! `is_kennitala`: Icelandic identity number (kennitala).
//!
//! **Format.** Six digits, a dash and four; behind a name, at most 48 bytes before on the same
//! line, plain as well. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first six are a date, to whose day 40 is added for companies, the ninth
//! digit checks those before it, and the last is the century.
//!
//! **Source.** Registers Iceland, kennitala.
//!
//! **Confidence.** Medium with the dash; low without.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::is_kennitala;

/// Names of it.
const NAMES: &[&str] = &["kennitala", "kt"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "is_kennitala",
    name: "Icelandic identity number (kennitala)",
    summary: "Icelandic identity number (kennitala): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-7][0-9]{5}-?[0-9]{3}[089]"),
    match_bytes_max: 32,
    validators: &["is_kennitala"],
    test: Test::Told(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Kennitala 260988-1749.", &["260988-1749"]),
        example("kennitala: 0510783149", &["0510783149"]),
        example("no name 0510783149", &[]),
        example("wrong 260988-1779", &[]),
        example("part of more 181153-15691", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') {
        number(sample, Confidence::Medium, is_kennitala)
    } else {
        None
    }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, is_kennitala)
}
