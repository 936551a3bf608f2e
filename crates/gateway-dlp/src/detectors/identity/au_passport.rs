//! `au_passport`: Australian passport numbers.
//!
//! **Format.** The word `passport`, and a letter of those that are given and seven digits, or `P`
//! or, since the series of 2022, `R` and another letter and seven. The name and what parts it from
//! the number are no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Microsoft Purview, "Australia passport number", for the letters. On the kind:
//! Australian Passport Office, "Passport numbers".
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_passport",
    name: "Australian passport number",
    summary: "Australian passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passport"],
    pattern: named!("passport", "(?:[A-FLMNTUX]|P[A-FUWXZ]|R[A-Z])[0-9]{7}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("Passport: N1234567", &["N1234567"]),
        example("passport no. PA1234567", &["PA1234567"]),
        example("passport RA7204615", &["RA7204615"]),
        example("N1234567 alone", &[]),
        example("passport: N123456", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
