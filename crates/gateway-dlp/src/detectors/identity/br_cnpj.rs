//! `br_cnpj`: Brazilian company number (CNPJ).
//!
//! **Format.** 14 digits or capitals as two, three, three, four and two, parted by points, a slash
//! and a dash, or 14 digits alone; behind a name, at most 48 bytes before on the same line, or where
//! they are all that a field holds, letters without separators as well. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits check the others.
//!
//! **Source.** Receita Federal, CNPJ; the alphanumeric form of 2026. Compared with python-stdnum,
//! `stdnum.br.cnpj`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::br_cnpj;

/// Digits of a number with letters that is found without a name, at least.
const DIGITS_MIN: usize = 6;
/// Names of it.
const NAMES: &[&str] = &["cnpj"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "br_cnpj",
    name: "Brazilian company number (CNPJ)",
    summary: "Brazilian company number (CNPJ): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!(
        r"(?:[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-[0-9]{2}|(?i:[0-9A-Z]{12})[0-9]{2})"
    ),
    match_bytes_max: 32,
    validators: &["br_cnpj"],
    test: Test::Told(Named { right: judge, alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("cnpj: 69.118.242/0301-79.", &["69.118.242/0301-79"]),
        example(r#"{"id":"75.663.708/7205-66"}"#, &["75.663.708/7205-66"]),
        example("CNPJ 12ABC34501DE35 da empresa", &["12ABC34501DE35"]),
        example("a,12abc34501de35,b", &["12abc34501de35"]),
        example("a row of 12ABC34501DE35 and more", &[]),
        example(r#"name="consumption203""#, &[]),
        example("wrong 69.112.242/0301-79", &[]),
        example("part of more 769.118.242/0301-79 69.118.242/0301-797", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let own = sample.matched.get(lead_in_len(sample.matched)..)?;
    let is_telling = own.contains(&b'/') || own.iter().all(u8::is_ascii_digit);
    if is_telling { number(sample, Confidence::Medium, br_cnpj) } else { None }
}

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    // Most end with the number of a branch, of four digits, and the check digits.
    let digits = sample.matched.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits < DIGITS_MIN { None } else { form(sample) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, br_cnpj)
}
