//! `kr_driver_license`: south Korean driving licence number.
//!
//! **Format.** Two digits for the region, 11 to 28, two for the year, six and two, parted by dashes
//! or spaces; or plain, behind one of its names, at most 48 bytes before on the same line, or where
//! it is all that a field holds. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Korean National Police Agency.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] =
    &["driver license", "driver's license", "driving licence", "license", "면허번호", "운전면허"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "kr_driver_license",
    name: "South Korean driving licence number",
    summary: "South Korean driving licence numbers, by form",
    category: Category::Identity,
    keywords: &[
        "driver license",
        "driver's license",
        "driving licence",
        "license",
        "면허번호",
        "운전면허",
    ],
    pattern: alone!(
        "(?:1[1-9]|2[0-8])(?:-[0-9]{2}-[0-9]{6}-| [0-9]{2} [0-9]{6} |[0-9]{8})[0-9]{2}"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { anywhere: parted, alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("My license is 13-22-123456-12", &["13-22-123456-12"]),
        example("28 22 123456 12", &["28 22 123456 12"]),
        example("면허번호 112212345612", &["112212345612"]),
        example("unnamed 112212345612 here", &[]),
        example("no such region 99-22-123456-12", &[]),
        example("part of more 111-22-123456-12", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let is_plain = sample.matched.iter().skip(lead).all(u8::is_ascii_digit);
    if is_plain { None } else { number(sample, Confidence::Low, |_| true) }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
