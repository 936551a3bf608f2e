//! `uy_identity_number`: Uruguayan identity number.
//!
//! **Format.** One digit, three and three parted by points, a dash and the check digit; the points
//! may be missing. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** The check digit is that of the others.
//!
//! **Source.** Direccion Nacional de Identificacion Civil of Uruguay.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::uy_ci;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "uy_identity_number",
    name: "Uruguayan identity number",
    summary: "Uruguayan identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["cédula", "documento de identidad"],
    pattern: alone!(r"[1-9]\.?[0-9]{3}\.?[0-9]{3}-[0-9]"),
    match_bytes_max: 32,
    validators: &["uy_ci"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("cédula: 3217362-5.", &["3217362-5"]),
        example(r#"{"id":"7165993-1"}"#, &["7165993-1"]),
        example("wrong 3217362-1", &[]),
        example("part of more 73217362-5 3217362-57", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, uy_ci)
}
