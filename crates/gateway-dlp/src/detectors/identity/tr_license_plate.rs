//! `tr_license_plate`: turkish vehicle registration number.
//!
//! **Format.** A province of 01 to 81, one to three letters and two to five digits, with spaces or
//! nothing between them. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it. It is found behind one of its names, at most 48 bytes before on
//! the same line, or where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Karayollari Trafik Yonetmeligi.
//!
//! **Confidence.** Low: the form tells little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["license plate", "plaka", "plaka numarası", "plakalı", "plakası", "plate"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tr_license_plate",
    name: "Turkish vehicle registration number",
    summary: "Turkish vehicle registration numbers, by form and a name near them",
    category: Category::Identity,
    keywords: &["araç", "license plate", "plaka", "plaka numarası", "plakalı", "plakası", "plate"],
    pattern: alone!("(?:0[1-9]|[1-7][0-9]|8[01]) ?[A-Za-z]{1,3} ?[0-9]{2,5}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Plaka 34 ABC 1234 ve 06 JK 567", &["34 ABC 1234", "06 JK 567"]),
        example("License plate 34ABC1234", &["34ABC1234"]),
        example("a;01 A 12;b", &["01 A 12"]),
        example("it was 12 in 2020", &[]),
        example("plaka 82 ABC 123", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
