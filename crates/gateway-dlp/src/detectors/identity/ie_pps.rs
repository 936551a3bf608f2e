//! `ie_pps`: Irish personal public service number.
//!
//! **Format.** Seven digits, a check letter and, for newer ones, a letter. No ASCII letter, digit
//! or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The check letter is that of the digits, and of the last letter. The front of a
//! power, as in `6433435E-2`, is none, nor is what stands behind `#` with a small letter: a colour or
//! another number in hexadecimal digits.
//!
//! **Source.** Department of Social Protection, "PPS number". Compared with python-stdnum,
//! `stdnum.ie.pps`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, is_front_of_power, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ie_pps;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ie_pps",
    name: "Irish personal public service number",
    summary: "Irish personal public service number: by form and check digits",
    category: Category::Identity,
    keywords: &["pps", "ppsn"],
    pattern: alone!("[0-9]{7}[A-Wa-w][ABHWTXabhwtx]?"),
    match_bytes_max: 32,
    validators: &["ie_pps"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("pps: 1947420N.", &["1947420N"]),
        example(r#"{"id":"9783888C"}"#, &["9783888C"]),
        example("wrong 1941420N", &[]),
        example("part of more 71947420N 1947420N7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_small = sample.matched.last().is_some_and(u8::is_ascii_lowercase);
    if is_front_of_power(sample) || (is_small && sample.before.last() == Some(&b'#')) {
        return None;
    }
    number(sample, Confidence::Medium, ie_pps)
}
