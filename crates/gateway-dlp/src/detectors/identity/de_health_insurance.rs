//! `de_health_insurance`: German health insurance number (Krankenversichertennummer).
//!
//! **Format.** A letter and nine digits. No ASCII letter, digit or `_` may touch it; an escape such
//! as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit is the check digit of the others, with the letter as its place in
//! the alphabet in two digits.
//!
//! **Source.** Vertrauensstelle Krankenversichertennummer, SGB V section 290.
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::de_kvnr;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_health_insurance",
    name: "German health insurance number (KVNR)",
    summary: "German health insurance numbers (KVNR): by form and check digit",
    category: Category::Identity,
    keywords: &["egk", "krankenkasse", "krankenversicherung", "kvnr", "versichertennummer"],
    pattern: alone!("[A-Za-z][0-9]{9}"),
    match_bytes_max: 64,
    validators: &["de_kvnr"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("KVNR: A123456780.", &["A123456780"]),
        example(r#"{"id":"m123456785"}"#, &["m123456785"]),
        example("wrong A123456787", &[]),
        example("part of more A1234567800 AA123456780", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, de_kvnr)
}
