//! `lv_personal_code`: Latvian personal code.
//!
//! **Format.** Six digits, a dash and five. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, the next is the century, and the last digit checks
//! the others. Codes of today begin with 32 and have neither: they are not found.
//!
//! **Source.** Latvian law on the population register, personas kods.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::lv_pk;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lv_personal_code",
    name: "Latvian personal code",
    summary: "Latvian personal code: by form and check digits",
    category: Category::Identity,
    keywords: &["personal code", "personas kods"],
    pattern: alone!("[0-9]{6}-[0-2][0-9]{4}"),
    match_bytes_max: 32,
    validators: &["lv_pk"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("personas kods: 140478-14501.", &["140478-14501"]),
        example(r#"{"id":"140869-12294"}"#, &["140869-12294"]),
        example("wrong 148478-14501", &[]),
        example("no dash 13077012644", &[]),
        example("part of more 130770-126441", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, lv_pk)
}
