//! `kr_brn`: south Korean business number.
//!
//! **Format.** Three, two and five digits, plain or parted by dashes. No ASCII letter, digit or `_`
//! may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit is right by the weights of the others.
//!
//! **Source.** National Tax Service of Korea.
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::kr_brn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kr_brn",
    name: "South Korean business number",
    summary: "South Korean business registration numbers: by form and check digit",
    category: Category::Identity,
    keywords: &["brn", "business registration", "사업자등록번호"],
    pattern: alone!("[1-9][0-9]{2}-?[0-9]{2}-?[0-9]{5}"),
    match_bytes_max: 64,
    validators: &["kr_brn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("My BRN is 1048656659", &["1048656659"]),
        example(r#"{"id":"104-82-13138"}"#, &["104-82-13138"]),
        example("wrong 104-86-56658", &[]),
        example("part of more 104-86-566591, 1104-86-56659", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, kr_brn)
}
