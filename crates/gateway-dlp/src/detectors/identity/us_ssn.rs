//! `us_ssn`: US Social Security numbers.
//!
//! **Format.** Three, two and four digits, parted by two dashes, two spaces or two points: without
//! them nine digits may be anything. No ASCII letter, digit or `_` may touch the number; an escape
//! such as `\n` or `%20` may come right before it.
//! Behind one of its names, at most 48 bytes before on the same line, it is found without them too, or
//! with one of them.
//!
//! **Validator.** No group is all zeros, the area is neither 666 nor 900 or above, and the number
//! is none of those that became void by being printed in advertisements.
//!
//! **Source.** Social Security Administration, POMS RM 10201.035.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::{lead_in, lead_in_len};
use crate::detectors::number::number;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::ssn;

/// Names behind which a number is found however it is parted.
const NAMES: &[&str] = &["social security", "ssn"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_ssn",
    name: "US Social Security number",
    summary: "Social Security numbers with separators, by the rules for area, group and serial \
              number",
    category: Category::Identity,
    keywords: &["social security", "ssn", "taxpayer"],
    pattern: concat!(
        lead_in!(),
        r"[0-8][0-9]{2}(?:-[0-9]{2}-| [0-9]{2} |\.[0-9]{2}\.|-?[0-9]{2}|[0-9]{2}-)[0-9]{4}\b{end-half}",
    ),
    match_bytes_max: 16,
    validators: &["ssn"],
    test: Test::Told(Named { right: judge, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("SSN: 536-22-1234.", &["536-22-1234"]),
        example("ssn 536 22 1234", &["536 22 1234"]),
        example("ssn 536.22.1234", &["536.22.1234"]),
        example(r#""a\n001-01-0001\n899-99-9999""#, &["001-01-0001", "899-99-9999"]),
        example("ssn=%20536-22-1234", &["536-22-1234"]),
        example("no separators 536221234", &[]),
        example("mixed separators 536-22 1234", &[]),
        example("SSN: 536221234 or 536-221234", &["536221234", "536-221234"]),
        example("SSN 000221234", &[]),
        example("no such area 000-12-3456, 666-12-3456, 900-12-3456", &[]),
        example("no such group 536-00-1234", &[]),
        example("no such serial number 536-22-0000", &[]),
        example("printed in every wallet 078-05-1120", &[]),
        example("more digits 536-22-12345, 1536-22-1234, x536-22-1234", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let [a0, a1, a2, _, g0, g1, _, s0, s1, s2, s3] = *sample.matched.get(lead..)? else {
        return None;
    };
    let real = ssn(&[a0, a1, a2, g0, g1, s0, s1, s2, s3]) && !sample.is_fraction();
    real.then_some(Judgement { confidence: Confidence::Low, lead, trail: 0 })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, ssn)
}
