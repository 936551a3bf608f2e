//! `cl_rut`: Chilean role number (RUT).
//!
//! **Format.** Seven or eight digits, with points in threes or without, a dash and the check
//! character, a digit or `K`. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The check character is that of the digits.
//!
//! **Source.** Servicio de Impuestos Internos, RUT. Compared with python-stdnum, `stdnum.cl.rut`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::cl_rut;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cl_rut",
    name: "Chilean role number (RUT)",
    summary: "Chilean role number (RUT): by form and check digits",
    category: Category::Identity,
    keywords: &["run", "rut"],
    pattern: alone!(r"(?:[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}|[0-9]{7,8})-[0-9Kk]"),
    match_bytes_max: 32,
    validators: &["cl_rut"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("run: 24012181-6.", &["24012181-6"]),
        example(r#"{"id":"98456809-6"}"#, &["98456809-6"]),
        example("wrong 24712181-6", &[]),
        example("part of more 724012181-6 24012181-67", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, cl_rut)
}
