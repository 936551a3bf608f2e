//! `pl_pesel`: Polish national number (PESEL).
//!
//! **Format.** Eleven digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first six are a date, whose month tells the century, and the last digit
//! checks the others.
//!
//! **Source.** Polish act on population registration, PESEL. Compared with python-stdnum,
//! `stdnum.pl.pesel`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pl_pesel;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pl_pesel",
    name: "Polish national number (PESEL)",
    summary: "Polish national number (PESEL): by form and check digits",
    category: Category::Identity,
    keywords: &["pesel"],
    pattern: alone!("[0-9]{11}"),
    match_bytes_max: 32,
    validators: &["pl_pesel"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("pesel: 35641945263.", &["35641945263"]),
        example(r#"{"id":"08121105842"}"#, &["08121105842"]),
        example("wrong 35641945463", &[]),
        example("part of more 735641945263 356419452637", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, pl_pesel)
}
