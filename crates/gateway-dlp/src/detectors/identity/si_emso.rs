//! `si_emso`: Slovenian personal number (EMŠO).
//!
//! **Format.** Thirteen digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The first seven are a date with three digits for the year, two are a region,
//! and the last digit checks the others. Numbers that Yugoslavia gave elsewhere (JMBG) are made
//! alike, and found.
//!
//! **Source.** Slovenian act on the central population register, EMŠO. Compared with python-stdnum,
//! `stdnum.si.emso`.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::si_emso;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "si_emso",
    name: "Slovenian personal number (EMŠO)",
    summary: "Slovenian personal number (EMŠO): by form and check digits",
    category: Category::Identity,
    keywords: &["emso", "emšo", "jmbg"],
    pattern: alone!("[0-3][0-9]{12}"),
    match_bytes_max: 32,
    validators: &["si_emso"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("EMŠO: 0405966501774.", &["0405966501774"]),
        example(r#"{"jmbg":"2203953505644"}"#, &["2203953505644"]),
        example("wrong 0505966501774", &[]),
        example("part of more 10039775043521", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, si_emso)
}
