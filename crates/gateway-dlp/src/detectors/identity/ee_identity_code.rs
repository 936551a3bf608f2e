//! `ee_identity_code`: Estonian identity code.
//!
//! **Format.** Eleven digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The first is the sex and the century, six more are a date, and the last digit
//! checks the others. Codes of Estonia and Lithuania are made alike: both are found as either.
//!
//! **Source.** Estonian standard EVS 585, isikukood. Compared with python-stdnum, `stdnum.ee.ik`.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ee_ik;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ee_identity_code",
    name: "Estonian identity code",
    summary: "Estonian identity code: by form and check digits",
    category: Category::Identity,
    keywords: &["identity code", "isikukood"],
    pattern: alone!("[1-6][0-9]{10}"),
    match_bytes_max: 32,
    validators: &["ee_ik"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("isikukood: 50709022776.", &["50709022776"]),
        example(r#"{"id":"31309121849"}"#, &["31309121849"]),
        example("wrong 50709052776", &[]),
        example("part of more 313091218491", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, ee_ik)
}
