//! `za_vat`: South African VAT number.
//!
//! **Format.** Ten digits that begin with 4, behind a name, at most 48 bytes before on the same
//! line. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** South African Revenue Service, VAT registration.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["sars", "vat"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "za_vat",
    name: "South African VAT number",
    summary: "South African VAT numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("4[0-9]{9}"),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Told(Named { form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("VAT no. 4123456789, due", &["4123456789"]),
        example("VAT registration number: 4987654321", &["4987654321"]),
        example("no name 4123456789 here", &[]),
        example("VAT no. 5123456789", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
