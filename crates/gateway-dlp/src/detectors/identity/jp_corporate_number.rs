//! `jp_corporate_number`: Japanese corporate number.
//!
//! **Format.** 13 digits, with `T` before them as the number of an issuer of invoices, plain or
//! parted by dashes. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20`
//! may come right before it.
//!
//! **Validator.** The first digit checks the others.
//!
//! **Source.** National Tax Agency of Japan, corporate number. Compared with python-stdnum,
//! `stdnum.jp.cn`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::jp_corporate;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jp_corporate_number",
    name: "Japanese corporate number",
    summary: "Japanese corporate number: by form and check digits",
    category: Category::Identity,
    keywords: &["corporate number", "法人番号"],
    pattern: alone!("[Tt]?[1-9][ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["jp_corporate"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("corporate number: 2965186949470.", &["2965186949470"]),
        example(r#"{"id":"4618808370430"}"#, &["4618808370430"]),
        example("wrong 2965106949470", &[]),
        example("part of more 72965186949470 29651869494707", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        jp_corporate(number.strip_prefix(b"T").unwrap_or(number))
    })
}
