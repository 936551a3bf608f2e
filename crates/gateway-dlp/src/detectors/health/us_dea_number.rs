//! `us_dea_number`: US DEA number.
//!
//! **Format.** Two letters, or a letter and `9`, and seven digits. No ASCII letter, digit or `_`
//! may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first letter is a kind that is given, and the last digit checks the others.
//!
//! **Source.** Drug Enforcement Administration, registration.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::dea;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_dea_number",
    name: "US DEA number",
    summary: "US DEA number: by form and check digits",
    category: Category::Health,
    keywords: &["dea", "prescriber"],
    pattern: alone!("[A-HJ-MPR-UX][A-Z9][0-9]{7}"),
    match_bytes_max: 32,
    validators: &["dea"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("dea: ED6516162.", &["ED6516162"]),
        example(r#"{"id":"DT2057431"}"#, &["DT2057431"]),
        example("wrong ED6216162", &[]),
        example("part of more 7ED6516162 ED65161627", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, dea)
}
