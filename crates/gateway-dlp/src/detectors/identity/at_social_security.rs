//! `at_social_security`: Austrian social insurance number.
//!
//! **Format.** Four digits, and six that are the date of birth for most, with a space or nothing
//! between them. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may
//! come right before it.
//!
//! **Validator.** The fourth digit checks the others.
//!
//! **Source.** Dachverband der Sozialversicherungstraeger, "Sozialversicherungsnummer". Compared
//! with python-stdnum, `stdnum.at.vnr`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::at_svnr;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "at_social_security",
    name: "Austrian social insurance number",
    summary: "Austrian social insurance number: by form and check digits",
    category: Category::Identity,
    keywords: &["sozialversicherung", "svnr", "versicherungsnummer"],
    pattern: alone!("[1-9][0-9]{3}[ ]?[0-9]{6}"),
    match_bytes_max: 32,
    validators: &["at_svnr"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("sozialversicherung: 4532508567.", &["4532508567"]),
        example(r#"{"id":"3999428996"}"#, &["3999428996"]),
        example("wrong 4532508267", &[]),
        example("part of more 74532508567 45325085677", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, at_svnr)
}
