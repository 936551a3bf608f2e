//! `us_ein`: US employer identification number (EIN).
//!
//! **Format.** Two digits, a dash and seven, or plain, behind a name, at most 48 bytes before
//! on the same line. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first two are a campus of the IRS.
//!
//! **Source.** IRS, "How EINs are assigned and valid EIN prefixes".
//!
//! **Confidence.** Low: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::us_ein;

/// Names of it.
const NAMES: &[&str] =
    &["ein", "employer id", "employer identification", "federal tax id", "fein", "tax id"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_ein",
    name: "US employer identification number (EIN)",
    summary: "US employer identification numbers, by campus and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{2}-?[0-9]{7}"),
    match_bytes_max: 32,
    validators: &["us_ein"],
    test: Test::Told(Named { form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("EIN: 12-4977072.", &["12-4977072"]),
        example("employer identification number 419840656", &["419840656"]),
        example("no name 41-9840656", &[]),
        example("EIN: 07-1234567", &[]),
        example("EIN part of more 76-27131401", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, us_ein)
}
