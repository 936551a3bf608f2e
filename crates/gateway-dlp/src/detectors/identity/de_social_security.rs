//! `de_social_security`: German pension insurance number (Rentenversicherungsnummer).
//!
//! **Format.** Two digits for the area, six for the date of birth, the first letter of a name, two
//! digits and a check digit. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The date is one, to whose day 50 may be added, and the last digit is right. Behind a
//! name, at most 48 bytes before on the same line, neither needs to be.
//!
//! **Source.** Deutsche Rentenversicherung, VKVV section 2.
//!
//! **Confidence.** High: form, date and check digit together pass by chance once in some hundred. Low
//! where a name alone tells it.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::de_rvnr;

/// Names of it.
const NAMES: &[&str] = &[
    "rentenversicherung",
    "rentenversicherungsnummer",
    "rvnr",
    "sozialversicherung",
    "sozialversicherungsnummer",
    "versicherungsnummer",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_social_security",
    name: "German pension insurance number (RVNR)",
    summary: "German pension insurance numbers: by form, date and check digit",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{2}[ ]?[0-9]{6}[ ]?[A-Za-z][ ]?[0-9]{3}"),
    match_bytes_max: 64,
    validators: &["de_rvnr"],
    test: Test::Named(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("RVNR: 15070649C103.", &["15070649C103"]),
        example("15 070649 C 103", &["15 070649 C 103"]),
        example(r#"{"id":"65070803A019"}"#, &["65070803A019"]),
        example("wrong 15070649C100", &[]),
        example("Rentenversicherungsnummer 65150804A123 liegt vor", &["65150804A123"]),
        example("no such month 15071349C103", &[]),
        example("part of more 15070649C1030", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, de_rvnr)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
