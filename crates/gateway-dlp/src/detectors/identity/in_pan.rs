//! `in_pan`: Indian permanent account number.
//!
//! **Format.** Five letters, of which the fourth tells the kind of holder, four digits and a
//! letter. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The fourth letter is one of the eleven that are given, and the digits are not all
//! zero. Behind one of its names, at most 48 bytes before on the same line, or where it is all that a
//! field holds, a number of another kind or in small letters is found with low confidence.
//!
//! **Source.** Income Tax Department of India. Compared with python-stdnum, `stdnum.in_.pan`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::in_pan;

/// Names behind which a number of any kind is found.
const NAMES: &[&str] = &["income tax", "pan", "permanent account"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_pan",
    name: "Indian permanent account number",
    summary: "Indian permanent account number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[A-Za-z]{5}[0-9]{4}[A-Za-z]"),
    match_bytes_max: 32,
    validators: &["in_pan"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("income tax: ACIPI1079Y.", &["ACIPI1079Y"]),
        example(r#"{"id":"ULZPZ8790X"}"#, &["ULZPZ8790X"]),
        example("no such kind ABCXD1234E", &[]),
        example("PAN: abcxd1234e", &["abcxd1234e"]),
        example("a,ABCND1234Z,b", &["ABCND1234Z"]),
        example("all zeros ABCPD0000E", &[]),
        example("part of more AABCPD1234E, ABCPD1234E7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let is_small = sample.matched.iter().skip(lead).any(u8::is_ascii_lowercase);
    if is_small { None } else { number(sample, Confidence::Medium, in_pan) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| !number.ends_with(b"0000"))
}
