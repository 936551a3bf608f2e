//! `in_vehicle_registration`: indian vehicle registration number.
//!
//! **Format.** The letters of a state, one or two digits for the district, one to three letters and
//! four digits, or `BH` with its year; spaces or dashes may part them. No ASCII letter, digit or
//! `_` may touch it; an escape such as `\n` or `%20` may come right before it. Older forms, one to
//! three letters and four or five digits, are found behind one of their names, at most 48 bytes
//! before on the same line, or where they are all that a field holds.
//!
//! **Validator.** There is such a state, and the district is not 0: `or 0x0000` is no number.
//!
//! **Source.** Motor Vehicles Act 1988, section 41; G.S.R. 594(E) of 2021.
//!
//! **Confidence.** Medium: state and form are rare together. Low in small letters without separators,
//! as hexadecimal digits are.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["license plate", "number plate", "registration", "rto", "vehicle no"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_vehicle_registration",
    name: "Indian vehicle registration number",
    summary: "Indian vehicle registration numbers, by state and form",
    category: Category::Identity,
    keywords: &[
        "bike",
        "car",
        "license plate",
        "number plate",
        "registration",
        "rto",
        "vehicle",
        "vehicle no",
    ],
    pattern: alone!(
        "(?i:(?:A[NPRS]|B[RH]|C[GH]|D[DLN]|G[AJ]|H[PR]|J[HK]|K[AL]|L[AD]|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK",
        "|T[GNRS]|U[AKP]|WB)[ -]?[0-9]{1,2}[ -]?[A-Z]{1,3}[ -]?[0-9]{4}|[A-Z]{2,3}[0-9]{4}|[A-Z][0-9]{5})",
        "|[0-9]{2}[ -]?BH[ -]?[0-9]{4}[ -]?[A-HJ-NP-Z]{1,2}"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: current,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("My bike is KA53ME3456 with", &["KA53ME3456"]),
        example("DL 3C JI 0001", &[]),
        example("DL-3-CJI-0001", &["DL-3-CJI-0001"]),
        example("22BH1234AA", &["22BH1234AA"]),
        example("vehicle no. MCX1243", &["MCX1243"]),
        example("no such state ABNE123456, QQ53ME3456", &[]),
        example("either 0xffff or 0x0000 half words", &[]),
        example("unnamed MCX1243 here", &[]),
    ],
};

fn current(sample: &Sample<'_>) -> Option<Judgement> {
    let is_hex = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let is_small = sample.matched.iter().all(is_hex);
    let confidence = if is_small { Confidence::Low } else { Confidence::Medium };
    // A number of `BH` begins with its year.
    let has_district = |number: &[u8]| {
        let mut district = number.iter().skip(2).take_while(|byte| byte.is_ascii_digit());
        number.first().is_some_and(u8::is_ascii_digit) || district.any(|digit| *digit != b'0')
    };
    number(sample, confidence, |number| number.len() > 7 && has_district(number))
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| number.len() < 8)
}
