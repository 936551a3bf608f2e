//! `ph_tin`: philippine tax number (TIN).
//!
//! **Format.** Nine digits in threes parted by dashes, with a branch of three to five more for
//! some; or plain, behind one of its names, at most 48 bytes before on the same line. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The ninth digit is the remainder of the eight before it by their weights.
//!
//! **Source.** Bureau of Internal Revenue.
//!
//! **Confidence.** Low: one number in eleven passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::ph_tin;

/// Names of it.
const NAMES: &[&str] = &["bir", "tax id", "tin"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ph_tin",
    name: "Philippine tax number (TIN)",
    summary: "Philippine tax numbers (TIN): by form and check digit",
    category: Category::Identity,
    keywords: &["bir", "tax id", "tin"],
    pattern: alone!("[0-9]{3}-[0-9]{3}-[0-9]{3}(?:-[0-9]{3,5})?|[0-9]{9}(?:[0-9]{3}|[0-9]{5})?"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { anywhere: parted, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Please use 000-123-456-000 as your ID", &["000-123-456-000"]),
        example("TIN: 000123456", &["000123456"]),
        example("BIR TIN 000123456000", &["000123456000"]),
        example("unnamed 000123456 here", &[]),
        example("wrong TIN 000-123-457-000, 600-000-000", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    let is_parted = sample.matched.contains(&b'-');
    is_parted.then(|| form(sample))?
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, ph_tin)
}
