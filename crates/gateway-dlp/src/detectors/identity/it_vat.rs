//! `it_vat`: Italian VAT number.
//!
//! **Format.** `IT` and eleven digits, or eleven digits alone. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The eighth to tenth are the code of an office, and the last is the Luhn check
//! digit.
//!
//! **Source.** Agenzia delle Entrate, partita IVA. Compared with python-stdnum, `stdnum.it.iva`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::it_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "it_vat",
    name: "Italian VAT number",
    summary: "Italian VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["partita iva", "vat"],
    pattern: alone!("(?:(?i:IT)[ -]?)?[0-9]{8}[ ._-]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["it_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("partita iva: 72400330667.", &["72400330667"]),
        example(r#"{"id":"09179450748"}"#, &["09179450748"]),
        example("in parts 01333550_323", &["01333550_323"]),
        example("wrong 72460330667", &[]),
        example("part of more 772400330667 724003306677", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| it_vat(number.strip_prefix(b"IT").unwrap_or(number)))
}
