//! `de_lanr`: German number of a physician (Lebenslange Arztnummer).
//!
//! **Format.** Nine digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The seventh digit completes the six before it, which weigh 4 and 9 in turn, to a
//! multiple of ten.
//!
//! **Source.** Kassenaerztliche Bundesvereinigung, "Richtlinie zur Vergabe der Arzt-,
//! Betriebsstaetten-, Praxisnetz- sowie der Netzverbundnummern".
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::de_lanr;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_lanr",
    name: "German number of a physician (LANR)",
    summary: "German numbers of physicians (LANR): by form and check digit",
    category: Category::Identity,
    keywords: &["arzt", "arztnummer", "lanr"],
    pattern: alone!("[0-9]{9}"),
    match_bytes_max: 64,
    validators: &["de_lanr"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("LANR: 123456601 des Arztes", &["123456601"]),
        example(r#"{"id":"987654401"}"#, &["987654401"]),
        example("wrong 123456901", &[]),
        example("part of more 1234566010 1123456601", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, de_lanr)
}
