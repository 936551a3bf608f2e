//! `eu_passport`: passport numbers of European states.
//!
//! **Format.** The word for a passport in a language of the union, and nine letters and digits that
//! begin with one to three letters. The name and what parts it from the number are no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Council of the European Union, PRADO.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "eu_passport",
    name: "European passport number",
    summary: "Passport numbers of European states, by form and by the name before them",
    category: Category::Identity,
    keywords: &["pasaporte", "passeport", "passport", "reisepass"],
    pattern: named!(
        "(?:reisepass|passeport|passaporto|pasaporte|paspoort|passaporte|paszport|\\b{start-half}pass-?nr\\.?)(?:nummer|[ _-]?(?:n[ro]|numero|numer))?",
        "[A-Za-z]{1,3}[0-9]{6,8}"
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("Passaporto: YA1234567", &["YA1234567"]),
        example("Mi pasaporte no AAA123456", &["AAA123456"]),
        example("Pass-Nr.: f12345671", &["f12345671"]),
        example("Mi pasaporte es aAA123456", &["aAA123456"]),
        example("C0123456 alone", &[]),
        example("the bypass-nr: C0123456", &[]),
        example("Reisepass: C01", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |number| matches!(number.len(), 8 | 9))
}
