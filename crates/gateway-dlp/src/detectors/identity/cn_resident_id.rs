//! `cn_resident_id`: Chinese resident identity number.
//!
//! **Format.** 18 characters: six digits for the place, eight for the date of birth, three, and a
//! check digit or `X`. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20`
//! may come right before it.
//!
//! **Validator.** The place is in a province, the date is one, and the check character is right by
//! ISO 7064 MOD 11-2.
//!
//! **Source.** GB 11643-1999. Compared with python-stdnum, `stdnum.cn.ric`.
//!
//! **Confidence.** High: date, place and check character together pass by chance once in a
//! thousand.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::cn_ric;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cn_resident_id",
    name: "Chinese resident identity number",
    summary: "Chinese resident identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["identity card", "身份证"],
    pattern: alone!(
        "[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    ),
    match_bytes_max: 32,
    validators: &["cn_ric"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("identity card: 110102197205063677.", &["110102197205063677"]),
        example(r#"{"id":"110104199109222545"}"#, &["110104199109222545"]),
        example("wrong 110102197215063677", &[]),
        example("part of more 7110102197205063677 1101021972050636777", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, cn_ric)
}
