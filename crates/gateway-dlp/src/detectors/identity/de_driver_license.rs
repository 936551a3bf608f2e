//! `de_driver_license`: german driving licence number.
//!
//! **Format.** Eleven letters and digits: a letter, three digits, five letters and digits, a digit
//! and a letter or digit; or two letters, eight digits and a letter or digit. No ASCII letter,
//! digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it. It is found
//! behind one of its names, at most 48 bytes before on the same line, or where it is all that a
//! field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** FeV annex 8, field 5.
//!
//! **Confidence.** Low: the form tells little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["fahrerlaubnis", "fuehrerschein", "führerschein", "führerscheinnummer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_driver_license",
    name: "German driving licence number",
    summary: "German driving licence numbers, by form and a name near them",
    category: Category::Identity,
    keywords: &["fahrerlaubnis", "fuehrerschein", "führerschein", "führerscheinnummer"],
    pattern: alone!("(?i:[A-Z][0-9]{3}[0-9A-Z]{5}[0-9][0-9A-Z]|[A-Z]{2}[0-9]{8}[0-9A-Z])"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Führerscheinnummer: BO12345678A", &["BO12345678A"]),
        example("Fahrerlaubnis B072RRE2I55 wurde ausgestellt", &["B072RRE2I55"]),
        example(r#"{"id":"mu12345678b"}"#, &["mu12345678b"]),
        example("no name for BO12345678A here", &[]),
        example("Führerschein BO12345678AB", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
