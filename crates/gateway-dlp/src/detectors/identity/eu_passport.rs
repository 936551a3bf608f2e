//! `eu_passport`: passport numbers of European states.
//!
//! **Format.** Eight or nine letters and digits that begin with one to three letters and end with a
//! digit. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it. It is found where the word for a passport in a language of the union stands before it,
//! at most 48 bytes before on the same line, or behind it, at most 40. Three letters and six digits,
//! as in Spain, and two and seven, as in Italy, are found where they are all that a field holds, too.
//!
//! **Validator.** German numbers, which have letters and a check digit of their own, are told by
//! these alone.
//!
//! **Source.** Council of the European Union, PRADO.
//!
//! **Confidence.** Low: the name tells what it is, the form little.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::icao_check;

/// Names of it.
const NAMES: &[&str] = &[
    "pasaporte",
    "paspoort",
    "pass-nr",
    "passaporte",
    "passaporto",
    "passeport",
    "passnummer",
    "paszport",
    "reisepass",
    "reisepassnummer",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "eu_passport",
    name: "European passport number",
    summary: "Passport numbers of European states, by form and by the name before them",
    category: Category::Identity,
    keywords: &[
        "pasaporte",
        "paspoort",
        "pass-nr",
        "passaporte",
        "passaporto",
        "passeport",
        "passnummer",
        "passport",
        "paszport",
        "reisepass",
        "reisepassnummer",
    ],
    pattern: told!("(?i:[A-Z]{1,3}[0-9]{6,8}|[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{7}[0-9])"),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Told(Named { anywhere: german, alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Passaporto: YA1234567", &["YA1234567"]),
        example("Mi pasaporte no AAA123456", &["AAA123456"]),
        example("Passnummer C12345678 wurde", &["C12345678"]),
        example("Pass-Nr.: f12345671", &["f12345671"]),
        example("Mi pasaporte es aAA123456", &["aAA123456"]),
        example("AAA123456 es mi número de pasaporte", &["AAA123456"]),
        example("a,aa7654321,b", &["aa7654321"]),
        example("a German one C01X00T41", &["C01X00T41"]),
        example("a wrong digit C01X00T47", &[]),
        example("C0123456 alone", &[]),
        example("the bypass-nr: C0123456", &[]),
        example("Reisepass: C01", &[]),
    ],
};

fn german(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, |number| is_german(number) && icao_check(number))
}

/// Whether this has the letters of German numbers alone.
fn is_german(number: &[u8]) -> bool {
    let given = |byte: &u8| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte);
    number.len() == 9 && number.iter().all(given)
}

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, |number| {
        number.len() == 9 && matches!(letters(number), 2 | 3)
    })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, NAMES, Confidence::Low, |number| {
        matches!(number.len(), 8 | 9) && matches!(letters(number), 1..=3)
    })
}

/// The number of letters at the front of a number that has no others; else 0.
fn letters(number: &[u8]) -> usize {
    let len = number.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = number.get(len..).unwrap_or_default();
    if rest.iter().all(u8::is_ascii_digit) { len } else { 0 }
}
