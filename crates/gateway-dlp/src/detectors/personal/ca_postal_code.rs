//! `ca_postal_code`: Canadian postal code.
//!
//! **Format.** A letter, a digit and a letter, a space and a digit, a letter and a digit; in
//! capitals. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may
//! come right before it. Without the space it is found behind a name, at most 48 bytes before
//! on the same line, or where it is all that a field holds.
//!
//! **Validator.** The letters are those that postal codes have.
//!
//! **Source.** Canada Post, "Addressing guidelines".
//!
//! **Confidence.** Low: the form is telling, but there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["address", "code postal", "postal code", "postcode", "zip"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_postal_code",
    name: "Canadian postal code",
    summary: "Canadian postal codes, by form",
    category: Category::Personal,
    keywords: NAMES,
    pattern: alone!("[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?[0-9][ABCEGHJ-NPRSTV-Z][0-9]"),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Told(Named { right: judge, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Ottawa ON K1A 0B1, Canada", &["K1A 0B1"]),
        example("postal code M5V3L9", &["M5V3L9"]),
        example("a,H0H0H0,b", &["H0H0H0"]),
        example("no name M5V3L9 here", &[]),
        example("no such letter D1A 0B1", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b' ') { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
