//! `ca_sin`: Canadian social insurance number.
//!
//! **Format.** Nine digits, plain or in threes parted by one space or one dash, the same one
//! throughout. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The first digit is none of 0 and 8, and the last is the Luhn check digit.
//!
//! **Source.** Government of Canada, "Social insurance number". Compared with python-stdnum,
//! `stdnum.ca.sin`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::luhn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_sin",
    name: "Canadian social insurance number",
    summary: "Canadian social insurance number: by form and check digits",
    category: Category::Identity,
    keywords: &["nas", "sin", "social insurance"],
    pattern: alone!(
        "(?:[1-79][0-9]{8}|[1-79][0-9]{2} [0-9]{3} [0-9]{3}|[1-79][0-9]{2}-[0-9]{3}-[0-9]{3})"
    ),
    match_bytes_max: 32,
    validators: &["luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("nas: 360-284-731.", &["360-284-731"]),
        example(r#"{"id":"789302999"}"#, &["789302999"]),
        example("wrong 360-284-736", &[]),
        example("part of more 7360-284-731 360-284-7317", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, luhn)
}
