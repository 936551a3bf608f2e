//! `us_ssn_text`: the words by which people name Social Security numbers.
//!
//! **Format.** `Social Security number` or `SSN`, as words of their own.
//!
//! **Validator.** None.
//!
//! **Source.** Social Security Administration.
//!
//! **Confidence.** Low: the words tell what a text is about, not what it holds.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_ssn_text",
    name: "Social Security number, by name",
    summary: "The words by which people name Social Security numbers",
    category: Category::Identity,
    keywords: &["ssn"],
    pattern: r"\b{start-half}(?i:social[ -]security(?:[ -](?:no\.?|num(?:ber)?|#))|ssn)\b{end-half}",
    match_bytes_max: 48,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("your Social Security number, please", &["Social Security number"]),
        example("SSN: none", &["SSN"]),
        example("social insecurity number", &[]),
        example("an ssnail", &[]),
        example("the Social Security Act", &[]),
    ],
};
