//! `pl_regon`: Polish business number (REGON).
//!
//! **Format.** 9 or 14 digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others, and of 14 the ninth too.
//!
//! **Source.** Statistics Poland, REGON. Compared with python-stdnum, `stdnum.pl.regon`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pl_regon;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pl_regon",
    name: "Polish business number (REGON)",
    summary: "Polish business number (REGON): by form and check digits",
    category: Category::Identity,
    keywords: &["regon"],
    pattern: alone!("(?:[0-9]{9}|[0-9]{14})"),
    match_bytes_max: 32,
    validators: &["pl_regon"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("regon: 829118464.", &["829118464"]),
        example(r#"{"id":"288617622"}"#, &["288617622"]),
        example("wrong 829118264", &[]),
        example("part of more 7829118464 8291184647", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, pl_regon)
}
