//! `de_commercial_register`: numbers of the German commercial register (Handelsregister).
//!
//! **Format.** `HRA` or `HRB`, with a space or a dash or nothing behind it, and one to six digits,
//! in any case. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Handelsregisterverordnung, section 13.
//!
//! **Confidence.** Medium: the form is rare, but the number is of a company and public.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_commercial_register",
    name: "German commercial register number",
    summary: "German commercial register numbers, by form",
    category: Category::Identity,
    keywords: &["amtsgericht", "handelsregister", "registergericht"],
    pattern: alone!("(?i:HR[AB][ -]?[0-9]{1,6})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("Amtsgericht München HRB 12345.", &["HRB 12345"]),
        example("eingetragen als hra12", &["hra12"]),
        example("no such part HRC 12345", &[]),
        example("part of more HRB 1234567", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |_| true)
}
