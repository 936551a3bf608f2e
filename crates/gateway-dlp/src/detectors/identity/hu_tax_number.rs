//! `hu_tax_number`: Hungarian tax number.
//!
//! **Format.** Eight digits, a dash, the kind of tax (1 to 5), a dash and two digits for the
//! county; or `HU` and eight digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The eight digits are a multiple of ten by their weights.
//!
//! **Source.** Act CL of 2017 on the rules of taxation, adószám. Compared with python-stdnum,
//! `stdnum.hu.anum`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::hu_tax;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "hu_tax_number",
    name: "Hungarian tax number",
    summary: "Hungarian tax number: by form and check digits",
    category: Category::Identity,
    keywords: &["adószám", "tax number"],
    pattern: alone!("(?:(?i:HU)[ ]?[1-9][0-9]{7}|[1-9][0-9]{7}-[1-5]-[0-9]{2})"),
    match_bytes_max: 32,
    validators: &["hu_tax"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("adószám: HU17099387.", &["HU17099387"]),
        example(r#"{"id":"HU64689070"}"#, &["HU64689070"]),
        example("wrong HU17099787", &[]),
        example("part of more 7HU17099387 HU170993877", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        hu_tax(number.strip_prefix(b"HU").unwrap_or(number).get(..8).unwrap_or_default())
    })
}
