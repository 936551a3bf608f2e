//! `pe_dni`: Peruvian identity number (DNI).
//!
//! **Format.** Eight digits, a dash and the check digit or letter; or without the dash, behind one of
//! its names, at most 48 bytes before on the same line. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The check character is that of the digits.
//!
//! **Source.** RENIEC, DNI. Compared with python-stdnum, `stdnum.pe.cui`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::pe_dni;

/// Names of it.
const NAMES: &[&str] = &["dni", "documento nacional"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pe_dni",
    name: "Peruvian identity number (DNI)",
    summary: "Peruvian identity number (DNI): by form and check digits",
    category: Category::Identity,
    keywords: &["dni", "documento nacional"],
    pattern: alone!("[0-9]{8}-?[0-9A-Ka-k]"),
    match_bytes_max: 32,
    validators: &["pe_dni"],
    test: Test::Told(Named { anywhere: parted, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("dni: 96289524-2.", &["96289524-2"]),
        example(r#"{"id":"20722801-5"}"#, &["20722801-5"]),
        example("DNI N° 96289524G", &["96289524G"]),
        example("wrong 93289524-2", &[]),
        example("no name 962895242", &[]),
        example("part of more 796289524-2 96289524-27", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, pe_dni)
}
