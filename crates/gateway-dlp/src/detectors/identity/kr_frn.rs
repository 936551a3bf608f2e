//! `kr_frn`: South Korean foreigner registration number.
//!
//! **Format.** Six digits for the date of birth, a dash or nothing, and seven, of which the first
//! is 5 to 8. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The first six are a date, of which the seventh tells the century, and the check
//! digit is right, which numbers given since October 2020 need not have. With a dash, behind a name
//! of it, such as `FRN`, at most 48 bytes before on the same line, or where it is all that a field
//! holds, a number with a date and another check digit is found with low confidence.
//!
//! **Source.** Enforcement regulations of the Immigration Act.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{kr_birth, kr_frn};

/// Names behind which a number is found whatever its check digit is.
const NAMES: &[&str] = &["alien registration", "foreigner registration", "frn", "외국인등록번호"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kr_frn",
    name: "South Korean foreigner registration number",
    summary: "South Korean foreigner registration number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{2}[01][0-9][0-3][0-9]-?[5-8][0-9]{6}"),
    match_bytes_max: 32,
    validators: &["kr_frn"],
    test: Test::Named(Named { right: judge, anywhere: dashed, alone: form, form, names: NAMES }),
    examples: &[
        example("foreigner registration: 860314-5128647.", &["860314-5128647"]),
        example(r#"{"id":"0112257234565"}"#, &["0112257234565"]),
        example("FRN: 860314-5128648", &["860314-5128648"]),
        example("no date, FRN: 861314-5128642", &[]),
        example("given since 2020: 860314-5128648", &["860314-5128648"]),
        example("unnamed 8603145128648 here", &[]),
        example("part of more 7860314-5128647 860314-51286477", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, kr_frn)
}

fn dashed(sample: &Sample<'_>) -> Option<Judgement> {
    let is_dashed = sample.matched.contains(&b'-');
    if is_dashed { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        matches!(number.get(6), Some(b'5'..=b'8')) && kr_birth(number)
    })
}
