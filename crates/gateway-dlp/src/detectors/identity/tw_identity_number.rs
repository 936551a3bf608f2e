//! `tw_identity_number`: Taiwanese identity number.
//!
//! **Format.** A letter for the place, 1 or 2 (8 or 9 for residents), and eight digits. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks letter and digits.
//!
//! **Source.** Ministry of the Interior of Taiwan.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::tw_id;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tw_identity_number",
    name: "Taiwanese identity number",
    summary: "Taiwanese identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["national id", "身份證", "身分證"],
    pattern: alone!("[A-Z][1289][0-9]{8}"),
    match_bytes_max: 32,
    validators: &["tw_id"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("national id: E280934904.", &["E280934904"]),
        example(r#"{"id":"L840691963"}"#, &["L840691963"]),
        example("wrong E280934905", &[]),
        example("part of more 7E280934904 E2809349047", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, tw_id)
}
