//! `th_identity_number`: Thai identity number.
//!
//! **Format.** 13 digits, plain or as one, four, five, two and one parted by dashes or spaces. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** The first digit is 1 to 8, and the last checks the others.
//!
//! **Source.** Department of Provincial Administration of Thailand. Compared with python-stdnum,
//! `stdnum.th.pin`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::th_pin;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "th_identity_number",
    name: "Thai identity number",
    summary: "Thai identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["thai id", "เลขประจำตัวประชาชน"],
    pattern: alone!("[1-8][ -]?[0-9]{4}[ -]?[0-9]{5}[ -]?[0-9]{2}[ -]?[0-9]"),
    match_bytes_max: 32,
    validators: &["th_pin"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("เลขประจำตัวประชาชน: 5-5359-56917-15-2.", &["5-5359-56917-15-2"]),
        example(r#"{"id":"4-7423-02852-13-0"}"#, &["4-7423-02852-13-0"]),
        example("wrong 5-5359-56917-16-2", &[]),
        example("part of more 75-5359-56917-15-2 5-5359-56917-15-27", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, th_pin)
}
