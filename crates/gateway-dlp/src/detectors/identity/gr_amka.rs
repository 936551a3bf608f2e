//! `gr_amka`: Greek social security number (AMKA).
//!
//! **Format.** Eleven digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, and the last is the Luhn check digit.
//!
//! **Source.** Greek law 3655/2008, AMKA. Compared with python-stdnum, `stdnum.gr.amka`.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::gr_amka;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gr_amka",
    name: "Greek social security number (AMKA)",
    summary: "Greek social security number (AMKA): by form and check digits",
    category: Category::Identity,
    keywords: &["amka", "αμκα"],
    pattern: alone!("[0-3][0-9]{10}"),
    match_bytes_max: 32,
    validators: &["gr_amka"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("AMKA: 06127184981.", &["06127184981"]),
        example(r#"{"amka":"14109720426"}"#, &["14109720426"]),
        example("wrong 06125184981", &[]),
        example("part of more 231056125601", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, gr_amka)
}
