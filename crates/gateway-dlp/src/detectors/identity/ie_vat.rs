//! `ie_vat`: Irish VAT number.
//!
//! **Format.** `IE`, seven digits, a check letter and, for newer ones, a letter; for older ones the
//! second of seven is a letter. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The check letter is that of the digits, and of the last letter.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.ie.vat`.
//!
//! **Confidence.** High: the letters and the check letter together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ie_pps;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ie_vat",
    name: "Irish VAT number",
    summary: "Irish VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["vat"],
    pattern: alone!("(?i:IE)[ ]?(?:[0-9]{7}[A-W][A-IW]?|[0-9][A-Z][0-9]{5}[A-W])"),
    match_bytes_max: 32,
    validators: &["ie_pps"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("VAT IE4K61728H", &["IE4K61728H"]),
        example("wrong IE4K61728B", &[]),
        example("vat: IE8076113K.", &["IE8076113K"]),
        example(r#"{"id":"IE7490021H"}"#, &["IE7490021H"]),
        example("wrong IE8073113K", &[]),
        example("part of more 7IE8076113K IE8076113K7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| match number.get(2..) {
        // The first digit of older ones counts as the last does in newer ones.
        Some([first, b'A'..=b'Z', digits @ .., check]) => {
            ie_pps(&[b"0", digits, &[*first, *check]].concat())
        }
        Some(number) => ie_pps(number),
        None => false,
    })
}
