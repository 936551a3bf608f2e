//! `hr_oib`: Croatian identification number (OIB).
//!
//! **Format.** Eleven digits, for companies with `HR` before them. No ASCII letter, digit or `_`
//! may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit is the check digit of ISO 7064 MOD 11,10.
//!
//! **Source.** Porezna uprava, OIB. Compared with python-stdnum, `stdnum.hr.oib`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::mod_11_10;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "hr_oib",
    name: "Croatian identification number (OIB)",
    summary: "Croatian identification number (OIB): by form and check digits",
    category: Category::Identity,
    keywords: &["oib"],
    pattern: alone!("(?:(?i:HR)[ ]?)?[0-9]{11}"),
    match_bytes_max: 32,
    validators: &["mod_11_10"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("oib: 93383385250.", &["93383385250"]),
        example(r#"{"id":"58478772451"}"#, &["58478772451"]),
        example("wrong 93383355250", &[]),
        example("part of more 793383385250 933833852507", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        mod_11_10(number.strip_prefix(b"HR").unwrap_or(number))
    })
}
