//! `tr_identity_number`: Turkish identity number.
//!
//! **Format.** Eleven digits, of which the first is not 0. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last two digits check the others.
//!
//! **Source.** Nüfus ve Vatandaslik Isleri, T.C. Kimlik No. Compared with python-stdnum,
//! `stdnum.tr.tckimlik`.
//!
//! **Confidence.** Medium: one number in a hundred passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::tr_kimlik;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "tr_identity_number",
    name: "Turkish identity number",
    summary: "Turkish identity number: by form and check digits",
    category: Category::Identity,
    keywords: &["kimlik", "tckn"],
    pattern: alone!("[1-9][0-9]{10}"),
    match_bytes_max: 32,
    validators: &["tr_kimlik"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("kimlik: 86166241914.", &["86166241914"]),
        example(r#"{"id":"57451370046"}"#, &["57451370046"]),
        example("wrong 86166241614", &[]),
        example("part of more 786166241914 861662419147", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, tr_kimlik)
}
