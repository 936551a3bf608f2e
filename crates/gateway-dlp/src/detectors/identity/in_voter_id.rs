//! `in_voter_id`: Indian voter number (EPIC).
//!
//! **Format.** Three letters and seven digits. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The digits end with their Luhn check digit.
//!
//! Behind `EPIC`, `vote` or `voter`, in the plural too, at most 48 bytes before on the same line, or
//! where it is all that a field holds, a number with another one is found as well.
//!
//! **Source.** Election Commission of India, EPIC. Compared with python-stdnum, `stdnum.in_.epic`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::luhn;

/// Names behind which a number is found whatever its check digit is.
const NAMES: &[&str] = &["epic", "vote", "voter"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_voter_id",
    name: "Indian voter number (EPIC)",
    summary: "Indian voter number (EPIC): by form and check digits",
    category: Category::Identity,
    keywords: &["epic", "vote", "voter"],
    pattern: alone!("[A-Za-z]{3}[0-9]{7}"),
    match_bytes_max: 32,
    validators: &["luhn"],
    test: Test::Named(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("epic: LJO5481536.", &["LJO5481536"]),
        example(r#"{"id":"WRY5071279"}"#, &["WRY5071279"]),
        example("a,KSD1287349,b", &["KSD1287349"]),
        example("wrong LJO5481566", &[]),
        example("vote with your LJO5481566 number", &["LJO5481566"]),
        example("part of more 7LJO5481536 LJO54815367", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| luhn(number.get(3..).unwrap_or_default()))
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
