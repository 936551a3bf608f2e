//! `gb_nhs_number`: UK NHS number.
//!
//! **Format.** Ten digits, plain or as three, three and four parted by spaces or dashes. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The digits are a multiple of eleven by their weights.
//!
//! **Source.** NHS Data Dictionary, "NHS number". Compared with python-stdnum, `stdnum.gb.nhs`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::gb_nhs;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_nhs_number",
    name: "UK NHS number",
    summary: "UK NHS number: by form and check digits",
    category: Category::Identity,
    keywords: &["nhs"],
    pattern: alone!("[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["gb_nhs"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("nhs: 865-8662667.", &["865-8662667"]),
        example(r#"{"id":"567 6862815"}"#, &["567 6862815"]),
        example("wrong 865-6662667", &[]),
        example("part of more 7865-8662667 865-86626677", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, gb_nhs)
}
