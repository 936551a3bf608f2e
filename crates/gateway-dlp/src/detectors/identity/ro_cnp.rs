//! `ro_cnp`: Romanian personal numeric code (CNP).
//!
//! **Format.** Thirteen digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The first is the sex and the century, six more are a date, two a county, and
//! the last digit checks the others.
//!
//! **Source.** Romanian law 105/1996, cod numeric personal. Compared with python-stdnum,
//! `stdnum.ro.cnp`.
//!
//! **Confidence.** Medium: date, county and check digit pass by chance less than once in some
//! hundred. Low where it may be a time in milliseconds since 1970, of which logs are full.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ro_cnp;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ro_cnp",
    name: "Romanian personal numeric code (CNP)",
    summary: "Romanian personal numeric code (CNP): by form and check digits",
    category: Category::Identity,
    keywords: &["cnp", "cod numeric personal"],
    pattern: alone!("[1-9][0-9]{12}"),
    match_bytes_max: 32,
    validators: &["ro_cnp"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("CNP: 5120227145010.", &["5120227145010"]),
        example(r#"{"cnp":"1100504283828"}"#, &["1100504283828"]),
        example("wrong 5120427145010", &[]),
        example("part of more 21506064538191", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    // From 2014 on times have so many digits that begin so.
    let own = sample.matched.get(lead_in_len(sample.matched)..)?;
    let is_like_time = matches!(own, [b'1', b'4'..=b'8', ..]);
    let confidence = if is_like_time { Confidence::Low } else { Confidence::Medium };
    number(sample, confidence, ro_cnp)
}
