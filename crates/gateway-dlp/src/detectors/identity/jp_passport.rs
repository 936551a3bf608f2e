//! `jp_passport`: Japanese passport numbers.
//!
//! **Format.** The word for a passport in English or Japanese, and two letters and seven digits.
//! The name and what parts it from the number are no part of the finding. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Ministry of Foreign Affairs of Japan, passports.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jp_passport",
    name: "Japanese passport number",
    summary: "Japanese passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passport", "旅券"],
    pattern: named!("(?:passport|(?-i:(?:旅券|パスポート)(?:番号)?))", "[A-Z]{2}[0-9]{7}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("passport: TK1234567", &["TK1234567"]),
        example("旅券番号: MZ7654321", &["MZ7654321"]),
        example("TK1234567 alone", &[]),
        example("passport: TK123456", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
