//! `mx_clabe`: Mexican bank account number (CLABE).
//!
//! **Format.** 18 digits, plain or as three, three, eleven and one parted by spaces. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** Banco de Mexico, CLABE.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::clabe;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mx_clabe",
    name: "Mexican bank account number (CLABE)",
    summary: "Mexican bank account number (CLABE): by form and check digits",
    category: Category::Financial,
    keywords: &["clabe", "cuenta"],
    pattern: alone!("[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{11}[ ]?[0-9]"),
    match_bytes_max: 32,
    validators: &["clabe"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("clabe: 826098405743742607.", &["826098405743742607"]),
        example(r#"{"id":"523039661638801539"}"#, &["523039661638801539"]),
        example("wrong 826098405743792607", &[]),
        example("part of more 7826098405743742607 8260984057437426077", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, clabe)
}
