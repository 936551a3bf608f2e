//! `au_medicare`: Australian Medicare number.
//!
//! **Format.** Four, five and one digits, plain or parted by spaces, and one more for the person.
//! No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** The first digit is 2 to 6, and the ninth checks those before.
//!
//! **Source.** Services Australia, Medicare card number.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::au_medicare;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_medicare",
    name: "Australian Medicare number",
    summary: "Australian Medicare number: by form and check digits",
    category: Category::Identity,
    keywords: &["medicare"],
    pattern: alone!("[2-6][0-9]{3}[ -]?[0-9]{5}[ -]?[0-9](?:[ /-]?[1-9])?"),
    match_bytes_max: 32,
    validators: &["au_medicare"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("medicare: 2562 74006 9.", &["2562 74006 9"]),
        example(r#"{"id":"6682 63997 7"}"#, &["6682 63997 7"]),
        example("wrong 2123 25870 1", &[]),
        example("no such first digit 1123 45670 1", &[]),
        example("part of more 72123 45670 1", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, au_medicare)
}
