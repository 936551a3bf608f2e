//! `us_itin`: US individual taxpayer identification numbers.
//!
//! **Format.** Nine digits that begin with 9, as three, two and four with at least one dash or
//! space between them. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The fourth and fifth digit are a group that is given.
//!
//! **Source.** IRS, Internal Revenue Manual 3.21.263.
//!
//! **Confidence.** Medium: form and group are telling.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::itin;

/// Names behind which a number without separators is found.
const NAMES: &[&str] = &["itin", "taxpayer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_itin",
    name: "US individual taxpayer number",
    summary: "US individual taxpayer identification numbers with separators, by first digit and group",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("9[0-9]{2}(?:[ -][0-9]{2}[ -]?|[0-9]{2}[ -]?)[0-9]{4}"),
    match_bytes_max: 16,
    validators: &["itin"],
    test: Test::Told(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("ITIN: 911-70-1234", &["911-70-1234"]),
        example("itin 999 88 1234.", &["999 88 1234"]),
        example("ITIN: 911701234", &["911701234"]),
        example("a,911701234,b", &["911701234"]),
        example("no such group 911-89-1234", &[]),
        example("no separators 911701234", &[]),
        example("part of more 1911-70-1234", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let is_plain = sample.matched.iter().skip(lead).all(u8::is_ascii_digit);
    if is_plain { None } else { number(sample, Confidence::Medium, itin) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, itin)
}
