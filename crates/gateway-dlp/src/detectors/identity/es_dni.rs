//! `es_dni`: Spanish national identity number (DNI, NIE).
//!
//! **Format.** Seven or eight digits, or `X`, `Y` or `Z` and seven, and a letter, with a dash, a
//! space or nothing before it. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The letter is that of the number, and no front of a power as in `99585767E-22`.
//!
//! **Source.** Spanish decree 1553/2005; Ministerio del Interior, "Calculo del digito de control".
//! Compared with python-stdnum, `stdnum.es.nif`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, is_front_of_power, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::es_dni;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "es_dni",
    name: "Spanish national identity number (DNI, NIE)",
    summary: "Spanish national identity number (DNI, NIE): by form and check digits",
    category: Category::Identity,
    keywords: &["dni", "documento nacional", "nie", "nif"],
    pattern: alone!("(?:[0-9]{7,8}|[XYZxyz][ -]?[0-9]{7})[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]"),
    match_bytes_max: 32,
    validators: &["es_dni"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("dni: 73422755Q.", &["73422755Q"]),
        example(r#"{"id":"60379337J"}"#, &["60379337J"]),
        example("wrong 73442755Q", &[]),
        example("part of more 773422755Q 73422755Q7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if is_front_of_power(sample) {
        return None;
    }
    number(sample, Confidence::Medium, |number| {
        es_dni(number) || (number.len() == 8 && es_dni(&[b"0", number].concat()))
    })
}
