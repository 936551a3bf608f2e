//! `gb_vat`: UK VAT number.
//!
//! **Format.** `GB` or `XI` and nine digits, for some three more for a branch, plain or as
//! three, four and two with spaces between them. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two of the nine digits check the others by 97, with 55 more since
//! 2010.
//!
//! **Source.** HMRC, "VAT registration number"; European Commission, VIES, structure of VAT
//! numbers. Compared with python-stdnum, `stdnum.gb.vat`.
//!
//! **Confidence.** High: prefix and check digits pass by chance once in fifty, but nothing else
//! is written so.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::gb_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_vat",
    name: "UK VAT number",
    summary: "UK VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["vat", "vat no", "vat reg"],
    pattern: alone!("(?i:GB|XI)[ ]?[0-9]{3}[ ]?[0-9]{4}[ ]?[0-9]{2}(?:[ ]?[0-9]{3})?"),
    match_bytes_max: 32,
    validators: &["gb_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("VAT reg. no. GB928 4641 02.", &["GB928 4641 02"]),
        example(r#"{"vat":"GB689425188"}"#, &["GB689425188"]),
        example("branch GB141683235001", &["GB141683235001"]),
        example("wrong GB928564102", &[]),
        example("part of more GB1416832351", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| gb_vat(number.get(2..).unwrap_or_default()))
}
