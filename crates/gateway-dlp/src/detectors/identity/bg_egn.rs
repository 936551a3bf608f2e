//! `bg_egn`: Bulgarian civil number.
//!
//! **Format.** Ten digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first six are a date, whose month tells the century, and the last digit
//! checks the others.
//!
//! **Source.** Bulgarian act on civil registration, EGN.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred. Low,
//! where it may be a time in seconds since 1970, of which a log is full, or tells a birth before 1900.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number, is_like_time, number};
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
    let digits = sample.matched.get(lead_in_len(sample.matched)..)?;
    // To the months of the 19th century 20 is added.
    let is_old = matches!(digits, [_, _, b'2' | b'3', ..]);
    let is_sure = !is_old && !is_like_time(digits);
    let confidence = if is_sure { Confidence::Medium } else { Confidence::Low };
    number(sample, confidence, bg_egn)
}
