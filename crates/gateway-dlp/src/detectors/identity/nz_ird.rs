//! `nz_ird`: New Zealand inland revenue number.
//!
//! **Format.** Eight or nine digits, as two or three, three and three parted by dashes or spaces; or
//! plain, behind one of its names, at most 48 bytes before on the same line. No ASCII letter, digit or
//! `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The number is in the range that is given out, and the last digit checks the
//! others. Parted by spaces behind another number, it is part of a row of numbers, and none.
//!
//! **Source.** Inland Revenue of New Zealand, IRD number validation. Compared with python-stdnum,
//! `stdnum.nz.ird`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::nz_ird;

/// Names of it.
const NAMES: &[&str] = &["inland revenue", "ird"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nz_ird",
    name: "New Zealand inland revenue number",
    summary: "New Zealand inland revenue number: by form and check digits",
    category: Category::Identity,
    keywords: &["inland revenue", "ird"],
    pattern: alone!("(?:[0-9]{2,3}-[0-9]{3}-[0-9]{3}|[0-9]{2,3} [0-9]{3} [0-9]{3}|[0-9]{8,9})"),
    match_bytes_max: 32,
    validators: &["nz_ird"],
    test: Test::Told(Named { anywhere: parted, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("inland revenue: 66-235-815.", &["66-235-815"]),
        example(r#"{"id":"39-812-223"}"#, &["39-812-223"]),
        example("IRD number 66235815", &["66235815"]),
        example("no name 66235815", &[]),
        example("wrong 26-235-815", &[]),
        example("part of more 766-235-815 66-235-8157", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    let number = sample.matched.get(lead_in_len(sample.matched)..)?;
    if number.iter().all(u8::is_ascii_digit) { None } else { form(sample) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    let is_behind_digit = matches!(sample.before, [digit, b' '] if digit.is_ascii_digit());
    if is_behind_digit && sample.matched.contains(&b' ') {
        return None;
    }
    number(sample, Confidence::Medium, nz_ird)
}
