//! `fr_tax_number`: French tax number (SPI).
//!
//! **Format.** 13 digits, of which the first is 0 to 3, plain or as two, two, three, three and
//! three parted by spaces. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The last three digits are the rest of the others by 511.
//!
//! **Source.** Direction generale des Finances publiques, numero fiscal. Compared with
//! python-stdnum, `stdnum.fr.nif`.
//!
//! **Confidence.** Medium: one number in five hundred passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::fr_nif;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fr_tax_number",
    name: "French tax number (SPI)",
    summary: "French tax number (SPI): by form and check digits",
    category: Category::Identity,
    keywords: &["numéro fiscal", "spi"],
    pattern: alone!("[0-3][0-9][ ]?[0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["fr_nif"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("numéro fiscal: 1243363 176 020.", &["1243363 176 020"]),
        example(r#"{"id":"0363 442 565458"}"#, &["0363 442 565458"]),
        example("wrong 1243363 176 070", &[]),
        example("part of more 71243363 176 020 1243363 176 0207", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, fr_nif)
}
