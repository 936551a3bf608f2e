//! `jp_individual_number`: Japanese individual number (My Number).
//!
//! **Format.** Twelve digits, plain or in fours parted by spaces or dashes. No ASCII letter, digit
//! or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** Ministry of Internal Affairs and Communications of Japan, ordinance 85 of 2014.
//! Compared with python-stdnum, `stdnum.jp.in_`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::jp_individual;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jp_individual_number",
    name: "Japanese individual number (My Number)",
    summary: "Japanese individual number (My Number): by form and check digits",
    category: Category::Identity,
    keywords: &["my number", "マイナンバー", "個人番号"],
    pattern: alone!("[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["jp_individual"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("my number: 1937 9465 6862.", &["1937 9465 6862"]),
        example(r#"{"id":"2971-4460-0480"}"#, &["2971-4460-0480"]),
        example("wrong 1937 9465 6822", &[]),
        example("part of more 71937 9465 6862 1937 9465 68627", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, jp_individual)
}
