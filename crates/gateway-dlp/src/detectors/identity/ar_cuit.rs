//! `ar_cuit`: Argentine tax number (CUIT, CUIL).
//!
//! **Format.** Eleven digits, plain or as two, eight and one with dashes between them. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first two are a kind of persons or companies, and the last digit checks
//! the others.
//!
//! **Source.** AFIP, clave única de identificación tributaria.
//!
//! **Confidence.** Medium with dashes; low without: one number in a hundred passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ar_cuit;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ar_cuit",
    name: "Argentine tax number (CUIT, CUIL)",
    summary: "Argentine tax number (CUIT, CUIL): by form and check digits",
    category: Category::Identity,
    keywords: &["cuil", "cuit"],
    pattern: alone!("[235][0-9]-[0-9]{8}-[0-9]|[235][0-9]{10}"),
    match_bytes_max: 32,
    validators: &["ar_cuit"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("CUIT: 23-55106354-2.", &["23-55106354-2"]),
        example(r#"{"cuil":"30268929858"}"#, &["30268929858"]),
        example("wrong 23-55104354-2", &[]),
        example("part of more 231525719841", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let own = sample.matched.get(lead_in_len(sample.matched)..)?;
    let is_plain = own.iter().all(u8::is_ascii_digit);
    number(sample, if is_plain { Confidence::Low } else { Confidence::Medium }, ar_cuit)
}
