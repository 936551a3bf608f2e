//! `gr_afm`: Greek tax number (AFM).
//!
//! **Format.** `EL` or `GR` and nine digits, or nine digits alone. No ASCII letter, digit or `_`
//! may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.gr.vat`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::gr_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gr_afm",
    name: "Greek tax number (AFM)",
    summary: "Greek tax number (AFM): by form and check digits",
    category: Category::Identity,
    keywords: &["afm", "αφμ"],
    pattern: alone!("(?:(?i:EL|GR)[ ]?)?[0-9]{9}"),
    match_bytes_max: 32,
    validators: &["gr_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("afm: 137953370.", &["137953370"]),
        example(r#"{"id":"GR432847808"}"#, &["GR432847808"]),
        example("wrong 137953270", &[]),
        example("part of more 7137953370 1379533707", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        gr_vat(number.get(number.len().saturating_sub(9)..).unwrap_or_default())
    })
}
