//! `be_national_number`: Belgian national number.
//!
//! **Format.** Six digits for the date of birth, three and two, plain or parted by points, dashes
//! or spaces. A point alone makes a decimal number. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The last two digits check the others, and the third and fourth may be a month, to
//! which 20 or 40 is added for those who do not live in Belgium.
//!
//! **Source.** Royal decree of 3 April 1984 on the national number. Compared with python-stdnum,
//! `stdnum.be.nn`.
//!
//! **Confidence.** Medium with separators; low for plain digits, of which tables and logs are full.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::be_nn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "be_national_number",
    name: "Belgian national number",
    summary: "Belgian national number: by form and check digits",
    category: Category::Identity,
    keywords: &["nationaal nummer", "national number", "numéro national", "rijksregisternummer"],
    pattern: alone!("[0-9]{2}[. -]?[0-9]{2}[. -]?[0-9]{2}[. -]?[0-9]{3}[. -]?[0-9]{2}"),
    match_bytes_max: 32,
    validators: &["be_nn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("national number: 40.05.01-493.61.", &["40.05.01-493.61"]),
        example(r#"{"id":"57.06.81-454.04"}"#, &["57.06.81-454.04"]),
        example("BIS 76.47.14-075.72", &["76.47.14-075.72"]),
        example("wrong 40.05.02-493.61", &[]),
        example("a decimal number 11.321364432", &[]),
        example("part of more 740.05.01-493.61 40.05.01-493.617", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let digits = sample.matched.get(lead_in_len(sample.matched)..)?;
    let separators: Vec<u8> = digits.iter().filter(|b| !b.is_ascii_digit()).copied().collect();
    match separators.as_slice() {
        [] => number(sample, Confidence::Low, be_nn),
        [b'.'] => None,
        _ => number(sample, Confidence::Medium, be_nn),
    }
}
