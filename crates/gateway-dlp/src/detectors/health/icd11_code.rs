//! `icd11_code`: codes of the eleventh classification of diseases.
//!
//! **Format.** The name `ICD-11`, and a digit or letter for the chapter, a letter, a digit, a digit
//! or letter and, behind a point, one or two more. The name is no part of the finding.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** World Health Organization, ICD-11 reference guide, code structure.
//!
//! **Confidence.** Medium: the name tells what the letters and digits are.

use gateway_inspect::Confidence;

use crate::detectors::number::named;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "icd11_code",
    name: "ICD-11 code",
    summary: "Codes of the eleventh classification of diseases, by form and by the name before them",
    category: Category::Health,
    keywords: &["diagnosis", "icd"],
    pattern: named!(
        r"\b{start-half}icd-?11",
        "[0-9A-HJ-NP-Z][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z](?:[.][0-9A-HJ-NP-Z]{1,2})?"
    ),
    match_bytes_max: 96,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("ICD-11: 5A11", &["5A11"]),
        example("ICD-11 code: 2C25.Z", &["2C25.Z"]),
        example("5A11 alone", &[]),
        example("ICD-11: 5A1", &[]),
        example("ICD-11: 5I11", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_code = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    let before = sample.matched.iter().rposition(|byte| !is_code(byte))?;
    Some(Judgement { confidence: Confidence::Medium, lead: before + 1, trail: 0 })
}
