//! `hk_identity_card`: Hong Kong identity card number.
//!
//! **Format.** One or two letters, six digits and the check digit in brackets, for some behind
//! a space, or without them; with brackets in any case. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** The check digit is that of letters and digits.
//!
//! **Source.** Immigration Department of Hong Kong.
//!
//! **Confidence.** Medium with brackets; low without: one in eleven of such passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::hk_id;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "hk_identity_card",
    name: "Hong Kong identity card number",
    summary: "Hong Kong identity card number: by form and check digits",
    category: Category::Identity,
    keywords: &["hkid", "identity card"],
    pattern: alone!(
        r"(?:[A-Z]{1,2}[0-9]{6}[0-9A]|(?i:[A-Z]{1,2}[0-9]{6} ?(?:\([0-9A]\)|\[[0-9A]\])))"
    ),
    match_bytes_max: 32,
    validators: &["hk_id"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("hkid: N9046265.", &["N9046265"]),
        example(r#"{"id":"X5936972"}"#, &["X5936972"]),
        example("A123456(3) and w520128 (7)", &["A123456(3)", "w520128 (7)"]),
        example("OV290326[A]", &["OV290326[A]"]),
        example("wrong N9040265", &[]),
        example("part of more 7N9046265 N90462657", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let has_brackets = sample.matched.last().is_some_and(|byte| b")]".contains(byte));
    let confidence = if has_brackets { Confidence::Medium } else { Confidence::Low };
    number(sample, confidence, hk_id)
}
