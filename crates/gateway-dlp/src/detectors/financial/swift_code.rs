//! `swift_code`: SWIFT codes of banks.
//!
//! **Format.** A name such as `SWIFT`, `BIC` or both, and four capitals, two for the country, two
//! capitals or digits and, for a branch, three more. The name and what parts it from the number are
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** There is such a country, or such a territory where people live.
//!
//! **Source.** ISO 9362.
//!
//! **Confidence.** Medium: the name tells what the letters are.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::bic;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "swift_code",
    name: "SWIFT code (BIC)",
    summary: "SWIFT codes of banks, by form and by the name before them",
    category: Category::Financial,
    keywords: &["bank", "bic", "swift"],
    pattern: named!(
        r"\b{start-half}(?:swift(?:[ /-]bic)?|bic(?:[ /-]swift)?)",
        "[A-Z]{4}[A-Z]{2}[0-9A-Z]{2}(?:[0-9A-Z]{3})?"
    ),
    match_bytes_max: 64,
    validators: &["bic"],
    test: Test::Judge(judge),
    examples: &[
        example("SWIFT: DEUTDEFF", &["DEUTDEFF"]),
        example("BIC code is BNPAFRPPXXX", &["BNPAFRPPXXX"]),
        example("SWIFT: PASSWORD", &[]),
        example("DEUTDEFF alone", &[]),
        example("BIC: DEUTDEF", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, bic)
}
