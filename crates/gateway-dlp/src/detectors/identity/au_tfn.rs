//! `au_tfn`: Australian tax file number.
//!
//! **Format.** Nine digits, plain or in threes parted by spaces. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The digits are a multiple of eleven by their weights.
//!
//! **Source.** Australian Taxation Office, tax file number algorithm. Compared with python-stdnum,
//! `stdnum.au.tfn`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::au_tfn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_tfn",
    name: "Australian tax file number",
    summary: "Australian tax file number: by form and check digits",
    category: Category::Identity,
    keywords: &["tax file number", "tfn"],
    pattern: alone!("[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["au_tfn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("tax file number: 551197903.", &["551197903"]),
        example(r#"{"id":"550581321"}"#, &["550581321"]),
        example("wrong 551197303", &[]),
        example("part of more 7551197903 5511979037", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, au_tfn)
}
