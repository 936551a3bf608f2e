//! `gb_driving_licence`: uK driving licence number.
//!
//! **Format.** 16 characters: five of the surname, filled with 9, a digit of the year of birth, the
//! month, the day, another digit of the year, two initials, a digit or letter and two letters. No
//! ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before
//! it.
//!
//! **Validator.** The month, to which 50 may be added, is 1 to 12 and the day 1 to 31.
//!
//! **Source.** DVLA, INF1; GOV.UK, "Driving licence number".
//!
//! **Confidence.** High: next to nothing else has the form.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_driving_licence",
    name: "UK driving licence number",
    summary: "British driving licence numbers, by form and date of birth",
    category: Category::Identity,
    keywords: &["driver", "driving", "dvla", "licence"],
    pattern: alone!(
        "(?i:[A-Z]{5}|[A-Z]{4}9|[A-Z]{3}99|[A-Z]{2}999|[A-Z]9999)[0-9](?:[05][1-9]|[16][0-2])",
        "(?:0[1-9]|[12][0-9]|3[01])[0-9](?i:[A-Z9]{2}[0-9A-Z][A-Z]{2})"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("Licence: MORGA607054SM9IJ ok", &["MORGA607054SM9IJ"]),
        example("FO999512018AA1AB", &["FO999512018AA1AB"]),
        example("no such month MORGA613054SM9IJ", &[]),
        example("no such day MORGA601324SM9IJ", &[]),
        example("part of more MORGA6570544SM9IJ", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |_| true)
}
