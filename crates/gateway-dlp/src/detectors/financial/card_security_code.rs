//! `card_security_code`: card security codes.
//!
//! **Format.** A name such as `CVV`, `CVC` or `security code`, and three or four digits. The name
//! and what parts it from the number are no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** ISO/IEC 7813; the rules of the networks.
//!
//! **Confidence.** Low: three digits tell little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "card_security_code",
    name: "Card security code",
    summary: "Card security codes, by form and by the name before them",
    category: Category::Financial,
    keywords: &["card", "cvc", "cvv"],
    pattern: named!(
        r"\b{start-half}(?:cv[vc]2?|csc|card verification(?: value)?|card security code|security code)",
        "[0-9]{3,4}"
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("CVV: 123", &["123"]),
        example(r#"{"cvc2":"4321"}"#, &["4321"]),
        example("CVV: 12345", &[]),
        example("123 is a number", &[]),
        example("cvx: 123", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
