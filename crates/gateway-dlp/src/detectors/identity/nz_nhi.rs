//! `nz_nhi`: New Zealand national health index number.
//!
//! **Format.** Three letters but `I` and `O`, and four digits; or, as given since July 2026, three
//! letters, two digits and two more letters. No ASCII letter, digit or `_` may touch it; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last character checks the others.
//!
//! **Source.** HISO 10046:2024, "Consumer health identity standard", by the package `nhi` of Hex, which
//! has both forms. Before, the standard had another check letter, by 24.
//!
//! **Confidence.** Low: one number in ten or eleven of the older form passes by chance, one in 23 of
//! the newer.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::nz_nhi;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nz_nhi",
    name: "New Zealand national health index number",
    summary: "New Zealand national health index number: by form and check digits",
    category: Category::Identity,
    keywords: &["health index", "nhi"],
    pattern: alone!("[A-HJ-NP-Z]{3}[0-9]{2}(?:[0-9]{2}|[A-HJ-NP-Z]{2})"),
    match_bytes_max: 32,
    validators: &["nz_nhi"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("health index: CUK6078.", &["CUK6078"]),
        example(r#"{"id":"AKM9789"}"#, &["AKM9789"]),
        example("NHI CUK60HE", &["CUK60HE"]),
        example("wrong CUK8078 CUK60HA", &[]),
        example("part of more 7CUK6078 CUK60787", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, nz_nhi)
}
