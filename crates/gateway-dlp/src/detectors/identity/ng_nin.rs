//! `ng_nin`: nigerian identity number (NIN).
//!
//! **Format.** Eleven digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The last digit is the Verhoeff check digit, and not all are the same.
//!
//! **Source.** National Identity Management Commission.
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::verhoeff;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ng_nin",
    name: "Nigerian identity number (NIN)",
    summary: "Nigerian identity numbers (NIN): by form and check digit",
    category: Category::Identity,
    keywords: &["national identification", "national identity", "nin"],
    pattern: alone!("[0-9]{11}"),
    match_bytes_max: 64,
    validators: &["verhoeff"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("My NIN is 12345678902 and yours", &["12345678902"]),
        example(r#"{"id":"98765432102"}"#, &["98765432102"]),
        example("wrong 12345678901", &[]),
        example("part of more 123456789022", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        verhoeff(number) && number.iter().any(|digit| number.first() != Some(digit))
    })
}
