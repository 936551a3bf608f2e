//! `us_npi`: US provider number (NPI).
//!
//! **Format.** Ten digits that begin with 1 or 2, plain or as four, three and three parted by
//! spaces or dashes. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20`
//! may come right before it.
//!
//! **Validator.** The last is the Luhn check digit, with 80840 before the number.
//!
//! **Source.** Centers for Medicare & Medicaid Services, "NPI check digit".
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::npi;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_npi",
    name: "US provider number (NPI)",
    summary: "US provider number (NPI): by form and check digits",
    category: Category::Health,
    keywords: &["npi", "provider"],
    pattern: alone!("[12][0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["npi"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("npi: 1613 963 267.", &["1613 963 267"]),
        example(r#"{"id":"2934 348584"}"#, &["2934 348584"]),
        example("wrong 1613 962 267", &[]),
        example("part of more 71613 963 267 1613 963 2677", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, npi)
}
