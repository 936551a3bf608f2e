//! `au_abn`: Australian business number.
//!
//! **Format.** Eleven digits, plain or as two, three, three and three parted by spaces. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The digits, ten less at the first, are a multiple of 89 by their weights.
//!
//! **Source.** Australian Business Register, "Format of the ABN". Compared with python-stdnum,
//! `stdnum.au.abn`.
//!
//! **Confidence.** Medium: one number in 89 passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::au_abn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "au_abn",
    name: "Australian business number",
    summary: "Australian business number: by form and check digits",
    category: Category::Identity,
    keywords: &["abn", "australian business number"],
    pattern: alone!("[0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["au_abn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("abn: 18 995877470.", &["18 995877470"]),
        example(r#"{"id":"15 669824678"}"#, &["15 669824678"]),
        example("wrong 18 995874470", &[]),
        example("part of more 718 995877470 18 9958774707", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, au_abn)
}
