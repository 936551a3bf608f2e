//! `ph_umid`: Philippine unified identity number (UMID).
//!
//! **Format.** Twelve digits as four, seven and one with dashes between them; behind a name, at
//! most 48 bytes before on the same line, or where they begin with two to four zeros, plain as well. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Social Security System of the Philippines, UMID.
//!
//! **Confidence.** Medium behind a name, which tells what it is; low without.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{BEFORE_MAX, Judgement, Sample, Test, is_named};

/// Names of it.
const NAMES: &[&str] = &[
    "common reference number",
    "crn",
    "gsis",
    "pag-ibig",
    "philhealth",
    "sss",
    "umid",
    "unified multi-purpose id",
    "unified multipurpose id",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_umid",
    name: "Philippine unified identity number (UMID)",
    summary: "Numbers of Philippine unified identity cards, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{4}-[0-9]{7}-[0-9]|[0-9]{12}"),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Near(judge),
    examples: &[
        example("CRN: 0028-1234567-8", &["0028-1234567-8"]),
        example("UMID-002812345678", &["002812345678"]),
        example("CRN no. 011112345678", &["011112345678"]),
        example("0111-1234567-8 and 001112345678", &["0111-1234567-8", "001112345678"]),
        example("011112345678 alone", &[]),
        example("UMID: 00281234567", &[]),
        example("0111-1234567-89 and 0111 1234567 8", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let has_name = is_named(sample.before, NAMES);
    let begins = sample.before.len().saturating_sub(BEFORE_MAX);
    let before = sample.before.get(begins..).unwrap_or_default();
    let confidence = if has_name { Confidence::Medium } else { Confidence::Low };
    let has_dashes = sample.matched.contains(&b'-');
    number(&Sample { before, ..*sample }, confidence, |number| {
        has_name || has_dashes || (number.starts_with(b"00") && !number.starts_with(b"00000"))
    })
}
