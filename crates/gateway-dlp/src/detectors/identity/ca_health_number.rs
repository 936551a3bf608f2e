//! `ca_health_number`: Ontario health number.
//!
//! **Format.** Four, three and three digits parted by spaces or dashes, and for newer cards a dash
//! or a space and two letters. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The ten digits end with their Luhn check digit.
//!
//! **Source.** Ontario Ministry of Health, "Health card validation".
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::luhn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_health_number",
    name: "Ontario health number",
    summary: "Ontario health number: by form and check digits",
    category: Category::Identity,
    keywords: &["health card", "health number", "ohip"],
    pattern: alone!("[1-9][0-9]{3}[ -][0-9]{3}[ -][0-9]{3}(?:[ -]?[A-Z]{2})?"),
    match_bytes_max: 32,
    validators: &["luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("health card: 8278-391-266.", &["8278-391-266"]),
        example(r#"{"id":"5258-162-113"}"#, &["5258-162-113"]),
        example("wrong 8278-351-266", &[]),
        example("part of more 78278-391-266 8278-391-2667", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| luhn(number.get(..10).unwrap_or_default()))
}
