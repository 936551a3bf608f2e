//! `ph_phone_number`: philippine mobile number.
//!
//! **Format.** `+63` or `0`, and ten digits that begin with 9, as three, three and four, the first
//! of them for some in brackets, with spaces or dashes or nothing between them. No ASCII letter,
//! digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** National Telecommunications Commission; ITU-T E.164.
//!
//! **Confidence.** Low: the form is common.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_phone_number",
    name: "Philippine mobile number",
    summary: "Philippine mobile numbers, by form",
    category: Category::Personal,
    keywords: &["cp number", "mobile", "phone", "telepono"],
    pattern: alone!(
        r"(?:\+63[ -]?(?:\(0?\))?|0[ -]?)(?:9[0-9]{2}|\(9[0-9]{2}\))[ -]?[0-9]{3}[ -]?[0-9]{4}"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("My number is +639171234567.", &["+639171234567"]),
        example("0917 123 4567", &["0917 123 4567"]),
        example("+63 (917) 123-4567", &["+63 (917) 123-4567"]),
        example("no prefix 917 123 4567", &[]),
        example("part of more 15091712345678, 091712345678", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
