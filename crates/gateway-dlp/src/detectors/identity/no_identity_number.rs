//! `no_identity_number`: Norwegian identity number.
//!
//! **Format.** Eleven digits, plain or as six and five with a space between them. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, to whose day 40 is added for those who are not
//! registered, and the last two are the check digits.
//!
//! **Source.** Norwegian Tax Administration, fødselsnummer and D-nummer. Compared with
//! python-stdnum, `stdnum.no.fodselsnummer`.
//!
//! **Confidence.** Medium: date and two check digits pass by chance less than once in a
//! thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::no_fnr;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "no_identity_number",
    name: "Norwegian identity number",
    summary: "Norwegian identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["d-nummer", "fnr", "fødselsnummer", "personnummer"],
    pattern: alone!("[0-9]{6} ?[0-9]{5}"),
    match_bytes_max: 32,
    validators: &["no_fnr"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("Fødselsnummer: 121273 24237.", &["121273 24237"]),
        example(r#"{"fnr":"28065771723"}"#, &["28065771723"]),
        example("wrong 62127324237", &[]),
        example("part of more 190954423421", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, no_fnr)
}
