//! `za_identity_number`: South African identity number.
//!
//! **Format.** 13 digits, plain or as six, four and three parted by spaces. No ASCII letter, digit
//! or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, the eleventh tells a citizen, and the last is the Luhn
//! check digit.
//!
//! **Source.** Department of Home Affairs of South Africa. Compared with python-stdnum,
//! `stdnum.za.idnr`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::za_id;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "za_identity_number",
    name: "South African identity number",
    summary: "South African identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["identity number", "south african id"],
    pattern: alone!("[0-9]{6} ?[0-9]{4} ?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["za_id"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("ID 830214 5071 082", &["830214 5071 082"]),
        example("identity number: 4611092025030.", &["4611092025030"]),
        example(r#"{"id":"8006287053143"}"#, &["8006287053143"]),
        example("wrong 4611092028030", &[]),
        example("part of more 74611092025030 46110920250307", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, za_id)
}
