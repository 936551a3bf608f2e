//! `id_ktp`: Indonesian identity number (KTP).
//!
//! **Format.** 16 digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first two are the code of a province, and the seventh to twelfth a date,
//! whose day is 40 more for women.
//!
//! **Source.** Ministry of Home Affairs, NIK. Compared with python-stdnum, `stdnum.id.nik`.
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::id_nik;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "id_ktp",
    name: "Indonesian identity number (KTP)",
    summary: "Indonesian identity number (KTP): by form and check digits",
    category: Category::Identity,
    keywords: &["ktp", "nik"],
    pattern: alone!("[1-9][0-9]{15}"),
    match_bytes_max: 32,
    validators: &["id_nik"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("ktp: 3201734501898430.", &["3201734501898430"]),
        example(r#"{"id":"3205975211509368"}"#, &["3205975211509368"]),
        example("wrong 3201734500898430", &[]),
        example("part of more 73201734501898430 32017345018984307", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, id_nik)
}
