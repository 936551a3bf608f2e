//! `in_passport`: indian passport number.
//!
//! **Format.** A letter but Q, X and Z, and seven digits of which the first and the last are not 0.
//! No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it. It is found behind one of its names, at most 48 bytes before on the same line, or
//! where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Passport Seva, Ministry of External Affairs.
//!
//! **Confidence.** Low: the form tells little.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["passport", "travel document"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "in_passport",
    name: "Indian passport number",
    summary: "Indian passport numbers, by form and a name near them",
    category: Category::Identity,
    keywords: &["passport", "travel document"],
    pattern: told!("[A-PR-WYa-pr-wy][1-9][0-9] ?[0-9]{4}[1-9]"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("my passport number is T3569075", &["T3569075"]),
        example("J6932157 is my passport", &["J6932157"]),
        example("a,B3097651,c", &["B3097651"]),
        example("no name for T3569075 here", &[]),
        example("passport T356907, b0097650", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, NAMES, Confidence::Low, |_| true)
}
