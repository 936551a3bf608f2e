//! `ae_passport`: passport numbers of the United Arab Emirates.
//!
//! **Format.** The word for a passport in English or Arabic and `UAE` or `Emirates` before it, and
//! a letter and seven or eight digits, or nine digits. The name and what parts it from the number
//! are no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Council of the European Union, PRADO, ARE.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ae_passport",
    name: "Passport number of the United Arab Emirates",
    summary: "Passport numbers of the United Arab Emirates, by form and by the name before them",
    category: Category::Identity,
    keywords: &["emirates", "passport", "uae"],
    pattern: named!(
        "(?:(?:uae|emirates|emirati)[ _-]?passport|(?-i:جواز))",
        "(?:[A-Z][0-9]{7,8}|[0-9]{9})"
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("UAE passport: A1234567", &["A1234567"]),
        example("emirates passport no. 123456789", &["123456789"]),
        example("123456789 alone", &[]),
        example("UAE passport: A12345", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
