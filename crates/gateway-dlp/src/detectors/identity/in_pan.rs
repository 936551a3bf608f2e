//! `in_pan`: Indian permanent account number.
//!
//! **Format.** Five letters, of which the fourth tells the kind of holder, four digits and a
//! letter. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The fourth letter is one of the eleven that are given, and the digits are not all
//! zero.
//!
//! **Source.** Income Tax Department of India.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::in_pan;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_pan",
    name: "Indian permanent account number",
    summary: "Indian permanent account number: by form and check digits",
    category: Category::Identity,
    keywords: &["income tax", "pan", "permanent account"],
    pattern: alone!("[A-Z]{3}[ABCFGHJKLPT][A-Z][0-9]{4}[A-Z]"),
    match_bytes_max: 32,
    validators: &["in_pan"],
    test: Test::Judge(judge),
    examples: &[
        example("income tax: ACIPI1079Y.", &["ACIPI1079Y"]),
        example(r#"{"id":"ULZPZ8790X"}"#, &["ULZPZ8790X"]),
        example("no such kind ABCXD1234E", &[]),
        example("all zeros ABCPD0000E", &[]),
        example("part of more AABCPD1234E, ABCPD1234E7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, in_pan)
}
