//! `pt_nif`: Portuguese tax number (NIF).
//!
//! **Format.** Nine digits, plain or in threes parted by spaces; `PT` may stand before. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** Portuguese decree-law 14/2013, NIF. Compared with python-stdnum, `stdnum.pt.nif`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pt_nif;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pt_nif",
    name: "Portuguese tax number (NIF)",
    summary: "Portuguese tax number (NIF): by form and check digits",
    category: Category::Identity,
    keywords: &["contribuinte", "nif"],
    pattern: alone!("(?:(?i:PT)[ ]?)?[1-9][0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["pt_nif"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("contribuinte: 812726472.", &["812726472"]),
        example(r#"{"id":"138038007"}"#, &["138038007"]),
        example("wrong 812726477", &[]),
        example("part of more 7812726472 8127264727", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| pt_nif(number.strip_prefix(b"PT").unwrap_or(number)))
}
