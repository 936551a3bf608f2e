//! `icd10_code`: codes of the tenth classification of diseases.
//!
//! **Format.** A name such as `ICD-10`, `diagnosis` or `Dx`, and a letter, a digit, a digit or
//! letter and, behind a point, one to four letters or digits. The name is no part of the finding.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** World Health Organization, ICD-10; CDC, ICD-10-CM.
//!
//! **Confidence.** Medium: the name tells what the letters and digits are.

use gateway_inspect::Confidence;

use crate::detectors::number::named;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "icd10_code",
    name: "ICD-10 code",
    summary: "Codes of the tenth classification of diseases, by form and by the name before them",
    category: Category::Health,
    keywords: &["diagnosis", "icd"],
    pattern: named!(
        r"\b{start-half}(?:icd-?10(?:-cm)?|diagnos[ei]s|dx)",
        "[A-TV-Z][0-9][0-9A-Z](?:[.][0-9A-Z]{1,4})?"
    ),
    match_bytes_max: 96,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("ICD-10: E11.9", &["E11.9"]),
        example("Diagnosis code: S72.001A, left", &["S72.001A"]),
        example("E11.9 alone", &[]),
        example("ICD-10: U1", &[]),
        example("diagnosis: flu", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_code = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    let before = sample.matched.iter().rposition(|byte| !is_code(byte))?;
    Some(Judgement { confidence: Confidence::Medium, lead: before + 1, trail: 0 })
}
