//! `za_company_registration`: South African company registration number.
//!
//! **Format.** A year from 1900 to 2099, a slash, six digits, a slash and two; or `CK` and the
//! like, a year, a slash and six digits. No ASCII letter, digit or `_` may touch it; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Companies and Intellectual Property Commission of South Africa (CIPC).
//!
//! **Confidence.** Low: the form is telling, but there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "za_company_registration",
    name: "South African company registration number",
    summary: "South African company registration numbers, by form",
    category: Category::Identity,
    keywords: &["cipc", "close corporation", "company registration", "registration number"],
    pattern: alone!(
        "(?:19|20)[0-9]{2}/[0-9]{6}/[0-9]{2}|(?:CK|[BKMNTW]|NR)(?:19|20)[0-9]{2}/[0-9]{6}"
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("Reg. no. 2019/123456/07.", &["2019/123456/07"]),
        example("CK1998/123456, closed", &["CK1998/123456"]),
        example("1819/123456/07", &[]),
        example("part of more 2019/123456/071", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
