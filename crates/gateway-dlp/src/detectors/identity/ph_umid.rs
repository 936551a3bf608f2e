//! `ph_umid`: numbers of Philippine unified identity cards.
//!
//! **Format.** The name `UMID` or `CRN`, and twelve digits, plain or as four, seven and one. The
//! name and what parts it from the number are no part of the finding. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Social Security System of the Philippines, UMID.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::named;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_umid",
    name: "Philippine unified identity number (UMID)",
    summary: "Numbers of Philippine unified identity cards, by form and by the name before them",
    category: Category::Identity,
    keywords: &["crn", "umid"],
    pattern: named!(
        r"\b{start-half}(?:umid|crn)(?:[ _-]?(?:crn|card))?",
        "[0-9]{4}-?[0-9]{7}-?[0-9]"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("CRN: 0028-1234567-8", &["0028-1234567-8"]),
        example("UMID-002812345678", &["002812345678"]),
        example("UMID: 002812345678", &["002812345678"]),
        example("CRN no. 011112345678", &["011112345678"]),
        example("002812345678 alone", &[]),
        example("UMID: 00281234567", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_other = |byte: &u8| !byte.is_ascii_digit() && *byte != b'-';
    let behind = sample.matched.iter().rposition(is_other)? + 1;
    let dashes = sample.matched.iter().skip(behind).take_while(|byte| **byte == b'-').count();
    Some(Judgement { confidence: Confidence::Medium, lead: behind + dashes, trail: 0 })
}
