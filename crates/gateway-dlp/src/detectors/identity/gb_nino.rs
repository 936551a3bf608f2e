//! `gb_nino`: British National Insurance numbers.
//!
//! **Format.** Two letters, six digits and a letter from `A` to `D`, plain or in pairs parted by
//! spaces or dashes. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The letters are ones that are given: none of `D`, `F`, `I`, `Q`, `U`, `V`, the
//! second no `O`, and not `BG`, `GB`, `KN`, `NK`, `NT`, `TN` or `ZZ`.
//!
//! **Source.** HM Revenue & Customs, NIM39110.
//!
//! **Confidence.** Medium: the form is rare, but there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_nino",
    name: "UK National Insurance number",
    summary: "British National Insurance numbers, by form and by the letters that are given",
    category: Category::Identity,
    keywords: &["national insurance", "nino"],
    pattern: alone!(
        "[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z][ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-Da-d]"
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("NINO: AA 12 34 56 B", &["AA 12 34 56 B"]),
        example("tw987654a.", &["tw987654a"]),
        example("no such last letter AA 12 34 56 H", &[]),
        example("no such pair BG123456A", &[]),
        example("cut AA 12 34 5 B", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    const UNUSED: &[&[u8]] = &[b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    number(sample, Confidence::Medium, |number| {
        number.get(..2).is_some_and(|letters| !UNUSED.contains(&letters))
    })
}
