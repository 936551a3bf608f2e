//! `lv_personal_code`: Latvian personal code.
//!
//! **Format.** Six digits, a dash and five; behind a name, at most 48 bytes before on the same
//! line, plain as well. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20`
//! may come right before it.
//!
//! **Validator.** The first six are a date, the next is the century, and the last digit checks
//! the others. Codes that are given since July 2017 begin with 32 to 39 and have neither: they are
//! found behind a name.
//!
//! **Source.** Amendments of 2015 and later to the Latvian law on the population register, section 5:
//! the digits of newer codes. On the older ones: python-stdnum, `stdnum/lv/pvn.py`.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred. Low for
//! newer codes, and without the dash.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::lv_pk;

/// Names of it.
const NAMES: &[&str] = &["personal code", "personas kods", "personas kodu"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lv_personal_code",
    name: "Latvian personal code",
    summary: "Latvian personal code: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{6}-?[0-9]{5}"),
    match_bytes_max: 32,
    validators: &["lv_pk"],
    test: Test::Told(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("personas kods: 140478-14501.", &["140478-14501"]),
        example(r#"{"id":"140869-12294"}"#, &["140869-12294"]),
        example("personas kods 13077012644", &["13077012644"]),
        example("personas kods 327194-60825", &["327194-60825"]),
        example("no name for 327194-60825", &[]),
        example("no such date, personas kods: 318478-14501", &[]),
        example("wrong 148478-14501", &[]),
        example("no dash 13077012644", &[]),
        example("part of more 130770-126441", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { number(sample, Confidence::Medium, lv_pk) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| lv_pk(number) || is_newer(number))
}

/// Whether it begins as codes do that hold no date.
fn is_newer(number: &[u8]) -> bool {
    matches!(number, [b'3', b'2'..=b'9', ..])
}
