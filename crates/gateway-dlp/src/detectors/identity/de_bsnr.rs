//! `de_bsnr`: German numbers of medical practices (Betriebsstaettennummer).
//!
//! **Format.** Nine digits, of which the first two tell the region and are not both 0. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it. It
//! is found behind one of its names, at most 48 bytes before on the same line, or where it is all
//! that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Kassenaerztliche Bundesvereinigung, "Richtlinie zur Vergabe der Arzt-,
//! Betriebsstaetten-, Praxisnetz- sowie der Netzverbundnummern".
//!
//! **Confidence.** Low: the form tells little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["betriebsstättennummer", "bsnr"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_bsnr",
    name: "German number of a medical practice (BSNR)",
    summary: "German numbers of medical practices (BSNR), by form and a name near them",
    category: Category::Identity,
    keywords: &["betriebsstättennummer", "bsnr", "praxis"],
    pattern: alone!("[0-9]{9}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("BSNR 711234567 der Praxis", &["711234567"]),
        example(r#"{"bsnr":"521234567"}"#, &["521234567"]),
        example("no name for 711234567 here", &[]),
        example("BSNR 001234567", &[]),
        example("BSNR 7112345671", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| !number.starts_with(b"00"))
}
