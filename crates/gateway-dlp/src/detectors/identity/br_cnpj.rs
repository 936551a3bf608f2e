//! `br_cnpj`: Brazilian company number (CNPJ).
//!
//! **Format.** 14 digits or capitals as two, three, three, four and two, parted by points, a slash
//! and a dash, or 14 digits alone. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits check the others.
//!
//! **Source.** Receita Federal, CNPJ; the alphanumeric form of 2026.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::br_cnpj;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "br_cnpj",
    name: "Brazilian company number (CNPJ)",
    summary: "Brazilian company number (CNPJ): by form and check digits",
    category: Category::Identity,
    keywords: &["cnpj"],
    pattern: alone!(r"(?:[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}|[0-9]{14})"),
    match_bytes_max: 32,
    validators: &["br_cnpj"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("cnpj: 69.118.242/0301-79.", &["69.118.242/0301-79"]),
        example(r#"{"id":"75.663.708/7205-66"}"#, &["75.663.708/7205-66"]),
        example("wrong 69.112.242/0301-79", &[]),
        example("part of more 769.118.242/0301-79 69.118.242/0301-797", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, br_cnpj)
}
