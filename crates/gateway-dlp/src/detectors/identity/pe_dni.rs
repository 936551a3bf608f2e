//! `pe_dni`: Peruvian identity number (DNI).
//!
//! **Format.** Eight digits, a dash and the check digit or letter. No ASCII letter, digit or `_`
//! may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The check character is that of the digits.
//!
//! **Source.** RENIEC, DNI.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pe_dni;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pe_dni",
    name: "Peruvian identity number (DNI)",
    summary: "Peruvian identity number (DNI): by form and check digits",
    category: Category::Identity,
    keywords: &["dni"],
    pattern: alone!("[0-9]{8}-[0-9A-Ka-k]"),
    match_bytes_max: 32,
    validators: &["pe_dni"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("dni: 96289524-2.", &["96289524-2"]),
        example(r#"{"id":"20722801-5"}"#, &["20722801-5"]),
        example("wrong 93289524-2", &[]),
        example("part of more 796289524-2 96289524-27", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, pe_dni)
}
