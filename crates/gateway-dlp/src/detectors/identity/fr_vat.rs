//! `fr_vat`: French VAT number.
//!
//! **Format.** `FR`, two digits or capitals and nine digits, plain or with spaces. No ASCII letter,
//! digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The company number ends with its Luhn check digit, and the two characters before
//! check it.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.fr.tva`.
//!
//! **Confidence.** High: two checks pass by chance once in a thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::fr_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fr_vat",
    name: "French VAT number",
    summary: "French VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["tva", "vat"],
    pattern: alone!("(?i:FR)[ ]?[0-9A-HJ-NP-Z]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["fr_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("tva: FR92964072680.", &["FR92964072680"]),
        example(r#"{"id":"FR88501366124"}"#, &["FR88501366124"]),
        example("wrong FR92944072680", &[]),
        example("part of more 7FR92964072680 FR929640726807", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| fr_vat(number.get(2..).unwrap_or_default()))
}
