//! `mx_curp`: Mexican population registry code (CURP).
//!
//! **Format.** 18 characters: four letters, six digits for the date of birth, the sex, two letters
//! for the state, three consonants, a digit or letter and a check digit. No ASCII letter, digit or
//! `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** Date, sex and state are right, and so is the check digit.
//!
//! **Source.** python-stdnum, `stdnum/mx/curp.py`. On the kind: Registro Nacional de Poblacion,
//! "Instructivo normativo para la asignacion de la CURP" of 18 October 2021; since 2023 there is `X`
//! beside `H` and `M` for the sex.
//!
//! **Confidence.** High: form, date, state and check digit together pass by chance once in many
//! thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::mx_curp;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mx_curp",
    name: "Mexican population registry code (CURP)",
    summary: "Mexican population registry code (CURP): by form and check digits",
    category: Category::Identity,
    keywords: &["curp"],
    pattern: alone!("[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]"),
    match_bytes_max: 32,
    validators: &["mx_curp"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("curp: YEYD450506MDFLKK89.", &["YEYD450506MDFLKK89"]),
        example(r#"{"id":"CVRC191226HDFJLZ59"}"#, &["CVRC191226HDFJLZ59"]),
        example("curp TEGR030917XJCLPMA3", &["TEGR030917XJCLPMA3"]),
        example("wrong YEYD450502MDFLKK89", &[]),
        example("part of more 7YEYD450506MDFLKK89 YEYD450506MDFLKK897", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, mx_curp)
}
