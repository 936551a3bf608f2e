//! `us_ndc`: national drug codes of the United States.
//!
//! **Format.** The name `NDC`, and ten or eleven digits. The name and what parts it from the number
//! are no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** US Food and Drug Administration, National Drug Code directory.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_ndc",
    name: "US national drug code",
    summary: "National drug codes of the United States, by form and by the name before them",
    category: Category::Health,
    keywords: &["drug", "ndc"],
    pattern: named!(r"\b{start-half}ndc", "[0-9]{10,11}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("NDC: 0777310502", &["0777310502"]),
        example("NDC 00777310502", &["00777310502"]),
        example("0777310502 alone", &[]),
        example("NDC: 077731050", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
