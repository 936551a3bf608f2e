//! `fi_hetu`: Finnish personal identity code.
//!
//! **Format.** Six digits for the date of birth, a sign or letter for the century, three digits and
//! a check character. No ASCII letter, digit or `_` may touch it, but a word of small letters may in
//! front; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first six are a date, and the check character is right. Temporary codes,
//! whose number is 900 or more, are found too.
//!
//! **Source.** Digital and Population Data Services Agency, "The personal identity code". Compared
//! with python-stdnum, `stdnum.fi.hetu`.
//!
//! **Confidence.** High: date, sign and check character together pass by chance once in some
//! hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{glued, glued_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::fi_hetu;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fi_hetu",
    name: "Finnish personal identity code",
    summary: "Finnish personal identity code: by form and check digits",
    category: Category::Identity,
    keywords: &["henkilötunnus", "hetu"],
    pattern: glued!("[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]"),
    match_bytes_max: 32,
    validators: &["fi_hetu"],
    test: Test::Judge(judge),
    examples: &[
        example("henkilötunnus: 070248-7911.", &["070248-7911"]),
        example(r#"{"id":"060936-7974"}"#, &["060936-7974"]),
        example("my code is070248-7911.", &["070248-7911"]),
        example("wrong 070243-7911", &[]),
        example("part of more 7070248-7911 070248-79117", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    glued_number(sample, Confidence::High, fi_hetu)
}
