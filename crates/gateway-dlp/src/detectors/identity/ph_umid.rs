//! `ph_umid`: numbers of Philippine unified identity cards.
//!
//! **Format.** The name `UMID` or `CRN`, and twelve digits, of which the first begin with 00 or 01.
//! The name and what parts it from the number are no part of the finding. No ASCII letter, digit or
//! `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Social Security System of the Philippines, UMID.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_umid",
    name: "Philippine unified identity number (UMID)",
    summary: "Numbers of Philippine unified identity cards, by form and by the name before them",
    category: Category::Identity,
    keywords: &["crn", "umid"],
    pattern: named!(r"\b{start-half}(?:umid|crn)(?:[ _-]?(?:crn|card))?", "[0-9]{12}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("UMID: 002812345678", &["002812345678"]),
        example("CRN no. 011112345678", &["011112345678"]),
        example("002812345678 alone", &[]),
        example("UMID: 00281234567", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
