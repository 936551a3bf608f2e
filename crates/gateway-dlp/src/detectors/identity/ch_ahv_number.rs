//! `ch_ahv_number`: Swiss social insurance number (AHV).
//!
//! **Format.** `756` and ten digits, as three, four, four and two with points, spaces or dashes
//! between them, or plain. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The last digit is that of an article number (EAN-13).
//!
//! **Source.** Swiss Central Compensation Office, AHV number; ISO 3166-1, 756. Compared with
//! python-stdnum, `stdnum.ch.ssn`.
//!
//! **Confidence.** High with separators: no articles have this prefix. Medium for plain digits.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ch_ahv;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ch_ahv_number",
    name: "Swiss social insurance number (AHV)",
    summary: "Swiss social insurance number (AHV): by form and check digits",
    category: Category::Identity,
    keywords: &["ahv", "ahv-nr", "ahvn13", "avs", "navs", "sozialversicherungsnummer"],
    pattern: alone!("756[. -]?[0-9]{4}[. -]?[0-9]{4}[. -]?[0-9]{2}"),
    match_bytes_max: 32,
    validators: &["ch_ahv"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("AHV-Nr. 756.7877.8932.87", &["756.7877.8932.87"]),
        example(r#"{"avs":"7563390757938"}"#, &["7563390757938"]),
        example("wrong 756.7877.8972.87", &[]),
        example("another country 7573095597297", &[]),
        example("part of more 75630955972971", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let own = sample.matched.get(lead_in_len(sample.matched)..)?;
    let is_plain = own.iter().all(u8::is_ascii_digit);
    number(sample, if is_plain { Confidence::Medium } else { Confidence::High }, ch_ahv)
}
