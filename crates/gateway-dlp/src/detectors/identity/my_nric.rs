//! `my_nric`: Malaysian identity card number.
//!
//! **Format.** Six digits for the date of birth, two for the place and four, with dashes or
//! without. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The first six are a date, and the place is one.
//!
//! **Source.** National Registration Department of Malaysia. Compared with python-stdnum,
//! `stdnum.my.nric`.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::my_nric;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "my_nric",
    name: "Malaysian identity card number",
    summary: "Malaysian identity card number: by form and check digits",
    category: Category::Identity,
    keywords: &["ic", "kad pengenalan", "mykad", "nric"],
    pattern: alone!("[0-9]{2}[01][0-9][0-3][0-9]-?[0-9]{2}-?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["my_nric"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("ic: 401220-25-0128.", &["401220-25-0128"]),
        example(r#"{"id":"921009-29-2868"}"#, &["921009-29-2868"]),
        example("wrong 401270-25-0128", &[]),
        example("part of more 7401220-25-0128 401220-25-01287", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, my_nric)
}
