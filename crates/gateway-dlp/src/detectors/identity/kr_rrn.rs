//! `kr_rrn`: South Korean resident registration number.
//!
//! **Format.** Six digits for the date of birth, a dash or nothing, and seven, of which the first
//! is 1 to 8. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The first six are a date, of which the seventh tells the century; place and check
//! digit are right, which numbers given since October 2020 need not have.
//!
//! With a dash, behind a name of it, such as `RRN`, at most 48 bytes before on the same line, or
//! where it is all that a field holds, a resident's number with a date and another place or check
//! digit is found with low confidence.
//!
//! **Source.** Enforcement regulations of the Resident Registration Act. Compared with
//! python-stdnum, `stdnum.kr.rrn`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{kr_birth, kr_rrn};

/// Names behind which a number is found whatever its check digit is.
const NAMES: &[&str] = &["resident registration", "rrn", "주민등록번호"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kr_rrn",
    name: "South Korean resident registration number",
    summary: "South Korean resident registration number: by form and check digits",
    category: Category::Identity,
    keywords: &["resident registration", "rrn", "주민등록번호"],
    pattern: alone!("[0-9]{2}[01][0-9][0-3][0-9]-?[1-8][0-9]{6}"),
    match_bytes_max: 32,
    validators: &["kr_rrn"],
    test: Test::Named(Named { right: judge, anywhere: dashed, alone: form, form, names: NAMES }),
    examples: &[
        example("resident registration: 770713-4147787.", &["770713-4147787"]),
        example(r#"{"id":"520615-2530539"}"#, &["520615-2530539"]),
        example("wrong 776713-4147787", &[]),
        example("given since 2020: 770713-4147781", &["770713-4147781"]),
        example("a,9601211234567,b", &["9601211234567"]),
        example("unnamed 9601211234567 here", &[]),
        example("RRN: 770713-4147781", &["770713-4147781"]),
        example("no date, RRN: 776713-4147787", &[]),
        example("part of more 7770713-4147787 770713-41477877", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, kr_rrn)
}

fn dashed(sample: &Sample<'_>) -> Option<Judgement> {
    let is_dashed = sample.matched.contains(&b'-');
    if is_dashed { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        matches!(number.get(6), Some(b'1'..=b'4')) && kr_birth(number)
    })
}
