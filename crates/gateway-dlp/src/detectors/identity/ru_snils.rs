//! `ru_snils`: Russian pension insurance number (SNILS).
//!
//! **Format.** Eleven digits as three, three, three and two with dashes and a space or dash
//! between them; behind a name, at most 48 bytes before on the same line, plain as well. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** The last two are the sum of the others by their places, by 101.
//!
//! **Source.** Pension Fund of Russia, СНИЛС.
//!
//! **Confidence.** Medium with separators; low without.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::ru_snils;

/// Names of it.
const NAMES: &[&str] = &["snils", "снилс"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ru_snils",
    name: "Russian pension insurance number (SNILS)",
    summary: "Russian pension insurance number (SNILS): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}|[0-9]{11}"),
    match_bytes_max: 32,
    validators: &["ru_snils"],
    test: Test::Told(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("СНИЛС 130-457-556 40.", &["130-457-556 40"]),
        example("snils: 18340530450", &["18340530450"]),
        example("no name 18340530450", &[]),
        example("wrong 130-457-554 40", &[]),
        example("part of more 161-529-321 531", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { number(sample, Confidence::Medium, ru_snils) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, ru_snils)
}
