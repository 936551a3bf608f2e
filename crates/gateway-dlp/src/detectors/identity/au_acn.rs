//! `au_acn`: Australian company number.
//!
//! **Format.** Nine digits, plain or in threes parted by spaces. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** Australian Securities and Investments Commission, "Australian company number digit
//! check". Compared with python-stdnum, `stdnum.au.acn`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::au_acn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_acn",
    name: "Australian company number",
    summary: "Australian company number: by form and check digits",
    category: Category::Identity,
    keywords: &["acn", "australian company number"],
    pattern: alone!("[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["au_acn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("acn: 089284 677.", &["089284 677"]),
        example(r#"{"id":"306 963566"}"#, &["306 963566"]),
        example("wrong 085284 677", &[]),
        example("part of more 7089284 677 089284 6777", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, au_acn)
}
