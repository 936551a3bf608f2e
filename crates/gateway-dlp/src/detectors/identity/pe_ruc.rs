//! `pe_ruc`: Peruvian taxpayer number (RUC).
//!
//! **Format.** Eleven digits that begin with 10, 15, 17 or 20. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** SUNAT, RUC. Compared with python-stdnum, `stdnum.pe.ruc`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pe_ruc;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pe_ruc",
    name: "Peruvian taxpayer number (RUC)",
    summary: "Peruvian taxpayer number (RUC): by form and check digits",
    category: Category::Identity,
    keywords: &["ruc"],
    pattern: alone!("(?:1[057]|20)[0-9]{9}"),
    match_bytes_max: 32,
    validators: &["pe_ruc"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("ruc: 10274868100.", &["10274868100"]),
        example(r#"{"id":"15136059294"}"#, &["15136059294"]),
        example("wrong 20274868100", &[]),
        example("part of more 710274868100 102748681007", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, pe_ruc)
}
