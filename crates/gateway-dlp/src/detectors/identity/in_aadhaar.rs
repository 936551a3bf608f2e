//! `in_aadhaar`: Indian identity number (Aadhaar).
//!
//! **Format.** Twelve digits, plain or in fours parted by spaces, dashes or colons, of which the
//! first is 2 to 9. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** The last digit is the Verhoeff check digit, and the number is not the same from
//! behind, nor made of three fours of one digit each. Plain, between colons, it is the account in
//! the name of a resource at Amazon, and none.
//!
//! **Source.** Unique Identification Authority of India. Compared with python-stdnum,
//! `stdnum.in_.aadhaar`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::verhoeff;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_aadhaar",
    name: "Indian identity number (Aadhaar)",
    summary: "Indian identity number (Aadhaar): by form and check digits",
    category: Category::Identity,
    keywords: &["aadhaar", "uidai"],
    pattern: alone!("[2-9][0-9]{3}[ :-]?[0-9]{4}[ :-]?[0-9]{4}"),
    match_bytes_max: 32,
    validators: &["verhoeff"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("aadhaar: 6262 7750 4392.", &["6262 7750 4392"]),
        example(r#"{"id":"3173 8644 1988"}"#, &["3173 8644 1988"]),
        example("wrong 6762 7750 4392", &[]),
        example("part of more 76262 7750 4392 6262 7750 43927", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_parted = sample.matched.iter().any(|byte| b" :-".contains(byte));
    if !is_parted && sample.before.last() == Some(&b':') && sample.after == Some(b':') {
        return None;
    }
    number(sample, Confidence::Medium, |number| {
        let same =
            number.chunks(4).all(|four| four.iter().all(|digit| Some(digit) == four.first()));
        verhoeff(number) && !same && !number.iter().eq(number.iter().rev())
    })
}
