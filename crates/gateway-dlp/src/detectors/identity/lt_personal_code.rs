//! `lt_personal_code`: Lithuanian personal code.
//!
//! **Format.** Eleven digits. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The first is the sex and the century, six more are a date, and the last digit
//! checks the others. Codes of Estonia and Lithuania are made alike: both are found as either.
//!
//! **Source.** Lithuanian law on the population register, asmens kodas. Compared with
//! python-stdnum, `stdnum.lt.asmens`.
//!
//! **Confidence.** Medium: date and check digit pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::ee_ik;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "lt_personal_code",
    name: "Lithuanian personal code",
    summary: "Lithuanian personal code: by form and check digits",
    category: Category::Identity,
    keywords: &["asmens kodas", "personal code"],
    pattern: alone!("[1-6][0-9]{10}"),
    match_bytes_max: 32,
    validators: &["ee_ik"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("asmens kodas: 50010011416.", &["50010011416"]),
        example(r#"{"id":"61906186196"}"#, &["61906186196"]),
        example("wrong 50709052776", &[]),
        example("part of more 313091218491", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, ee_ik)
}
