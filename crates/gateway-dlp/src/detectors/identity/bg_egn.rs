//! `bg_egn`: Bulgarian civil number.
//!
//! **Format.** Ten digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first six are a date, whose month tells the century, and the last digit
//! checks the others.
//!
//! **Source.** Bulgarian act on civil registration, EGN. Compared with python-stdnum,
//! `stdnum.bg.egn`.
//!
//! **Confidence.** Low: of numbers with ten digits, of which tables and logs are full, one in a hundred
//! passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::bg_egn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bg_egn",
    name: "Bulgarian civil number",
    summary: "Bulgarian civil number: by form and check digits",
    category: Category::Identity,
    keywords: &["egn", "егн"],
    pattern: alone!("[0-9]{10}"),
    match_bytes_max: 32,
    validators: &["bg_egn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("egn: 4352064689.", &["4352064689"]),
        example(r#"{"id":"4122151573"}"#, &["4122151573"]),
        example("wrong 4352084689", &[]),
        example("part of more 74352064689 43520646897", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, bg_egn)
}
