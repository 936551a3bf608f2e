//! `us_driver_license`: numbers of US driver licenses.
//!
//! **Format.** A name such as `driver license` or `DL`, and a letter and 5 to 14 digits, or two
//! letters and 4 to 7, or 7 to 12 digits. The name and what parts it from the number are no part of
//! the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** AAMVA, DL/ID card design; formats of the states.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_driver_license",
    name: "US driver license number",
    summary: "Numbers of US driver licenses, by form and by the name before them",
    category: Category::Identity,
    keywords: &["dl", "driver", "license"],
    pattern: named!(
        r"(?:driver'?s?[ _-]?licen[cs]e|\b{start-half}dln?)",
        "(?:[A-Z][0-9]{5,14}|[A-Z]{2}[0-9]{4,7}|[0-9]{7,12})"
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("driver's license: H12234567", &["H12234567"]),
        example("DL# 12345678", &["12345678"]),
        example("H12234567 alone", &[]),
        example("DL: 1234", &[]),
        example("a driver license is needed", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Low, |_| true)
}
