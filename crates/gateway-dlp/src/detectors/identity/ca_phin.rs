//! `ca_phin`: personal health numbers of Manitoba.
//!
//! **Format.** The name `PHIN` or `personal health`, and nine digits. The name and what parts it
//! from the number are no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Microsoft Purview, "Canada personal health identification number". On the kind:
//! Manitoba Health, "Personal health identification number".
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_phin",
    name: "Manitoba health number (PHIN)",
    summary: "Personal health numbers of Manitoba, by form and by the name before them",
    category: Category::Identity,
    keywords: &["manitoba health", "phin"],
    pattern: named!(r"\b{start-half}(?:phin|personal health(?: identification)?)", "[0-9]{9}"),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("PHIN: 123456789", &["123456789"]),
        example(r#"{"phin":"987654321"}"#, &["987654321"]),
        example("PHIN: 12345678", &[]),
        example("123456789 alone", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
