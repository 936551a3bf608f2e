//! `mx_rfc`: Mexican tax identifier (RFC).
//!
//! **Format.** Four letters for a person or three for a company, six digits and three letters
//! or digits, plain or with dashes between them. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it. Numbers whose check digit is wrong
//! are found behind `RFC`, at most 48 bytes before on the same line, or where they are all that
//! a field holds.
//!
//! **Validator.** The digits are a date, and the last character checks the others.
//!
//! **Source.** SAT, Registro Federal de Contribuyentes.
//!
//! **Confidence.** High with the right check digit; low without.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{mx_rfc, mx_rfc_form};

/// Names of it.
const NAMES: &[&str] = &["r.f.c", "rfc"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mx_rfc",
    name: "Mexican tax identifier (RFC)",
    summary: "Mexican tax identifier (RFC): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("(?i:[A-Z&]{3,4})-?[0-9]{6}-?(?i:[0-9A-Z]{2}[0-9A])"),
    match_bytes_max: 32,
    validators: &["mx_rfc"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("facturar a KXUG570513356.", &["KXUG570513356"]),
        example(r#"{"rfc":"RPD-570101-D11"}"#, &["RPD-570101-D11"]),
        example("RFC: RPD570101D13", &["RPD570101D13"]),
        example("a row of RPD570101D13 and more", &[]),
        example("no such day RFC XAXX991332AB1", &[]),
        example("part of more TRM7007281C81", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    rfc(sample, Confidence::High, mx_rfc)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    rfc(sample, Confidence::Low, mx_rfc_form)
}

/// Judges the characters but dashes, in capitals.
fn rfc(sample: &Sample<'_>, confidence: Confidence, valid: fn(&[u8]) -> bool) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let own = sample.matched.get(lead..)?.iter().filter(|byte| **byte != b'-');
    let own: Vec<u8> = own.map(u8::to_ascii_uppercase).collect();
    let is_end = is_end_of_number(sample.before, 0);
    (!is_end && valid(&own)).then_some(Judgement { confidence, lead, trail: 0 })
}
