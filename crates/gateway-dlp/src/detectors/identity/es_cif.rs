//! `es_cif`: Spanish company number (CIF).
//!
//! **Format.** A letter for the kind of company, seven digits, and a digit or letter. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last character checks the digits. Behind a backslash it is the escape of a
//! character, as in `\U00011304`, and none.
//!
//! **Source.** Spanish decree 2423/1975. Compared with python-stdnum, `stdnum.es.cif`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::is_lead_in;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::es_cif;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "es_cif",
    name: "Spanish company number (CIF)",
    summary: "Spanish company number (CIF): by form and check digits",
    category: Category::Identity,
    keywords: &["cif", "nif"],
    pattern: alone!("[A-HJNP-SUVW][ -]?[0-9]{7}[ -]?[0-9A-J]"),
    match_bytes_max: 32,
    validators: &["es_cif"],
    test: Test::Whole(judge, is_end),
    examples: &[
        example("cif: F71715981.", &["F71715981"]),
        example(r#"{"id":"E61092276"}"#, &["E61092276"]),
        example("wrong F71735981", &[]),
        example("part of more 7F71715981 F717159817", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, es_cif)
}

fn is_end(before: &[u8], first: u8) -> bool {
    is_end_of_number(before, first) || (before.last() == Some(&b'\\') && !is_lead_in(first))
}
