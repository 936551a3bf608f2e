//! `dk_cpr`: Danish civil registration number.
//!
//! **Format.** Six digits for the date of birth, a dash or nothing, and four. No ASCII letter,
//! digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, of which the seventh digit tells the century.
//!
//! **Source.** CPR-kontoret, "Personnummeret i CPR".
//!
//! **Confidence.** Low: there is no check digit any more.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::dk_cpr;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dk_cpr",
    name: "Danish civil registration number",
    summary: "Danish civil registration number: by form and check digits",
    category: Category::Identity,
    keywords: &["cpr", "personnummer"],
    pattern: alone!("[0-3][0-9][01][0-9][0-9]{2}-[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["dk_cpr"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("cpr: 281079-4939.", &["281079-4939"]),
        example(r#"{"id":"081285-8587"}"#, &["081285-8587"]),
        example("wrong 281879-4939", &[]),
        example("part of more 7281079-4939 281079-49397", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, dk_cpr)
}
