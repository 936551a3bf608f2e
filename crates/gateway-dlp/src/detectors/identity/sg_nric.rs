//! `sg_nric`: Singapore identity number (NRIC, FIN).
//!
//! **Format.** A letter for the kind, seven digits and a check letter. No ASCII letter, digit or
//! `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The check letter is that of kind and digits.
//! Behind one of its names, at most 48 bytes before on the same line, or where it is all that a
//! field holds, a number with other letters is found with low confidence.
//!
//! **Source.** Immigration and Checkpoints Authority of Singapore.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::sg_nric;

/// Names behind which a number is found whatever its letters are.
const NAMES: &[&str] = &["fin", "nric"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sg_nric",
    name: "Singapore identity number (NRIC, FIN)",
    summary: "Singapore identity number (NRIC, FIN): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[A-Za-z][0-9]{7}[A-Za-z]"),
    match_bytes_max: 32,
    validators: &["sg_nric"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("fin: G3183943U.", &["G3183943U"]),
        example(r#"{"id":"F7437379T"}"#, &["F7437379T"]),
        example("NRIC G3183941U", &["G3183941U"]),
        example("a,A1234567Z,b", &["A1234567Z"]),
        example("wrong G3183941U", &[]),
        example("part of more 7G3183943U G3183943U7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, sg_nric)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
