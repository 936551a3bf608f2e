//! `at_vat`: Austrian VAT number.
//!
//! **Format.** `ATU` and eight digits. No ASCII letter, digit or `_` may touch it; an escape such
//! as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** European Commission, VIES, structure of VAT numbers. Compared with python-stdnum,
//! `stdnum.at.uid`.
//!
//! **Confidence.** High: the letters and the check digit together are telling.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::at_vat;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "at_vat",
    name: "Austrian VAT number",
    summary: "Austrian VAT number: by form and check digits",
    category: Category::Identity,
    keywords: &["uid", "ust-id", "vat"],
    pattern: alone!("(?i:AT)[ ]?(?i:U)[ ]?[0-9]{8}"),
    match_bytes_max: 32,
    validators: &["at_vat"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("uid: ATU27995051.", &["ATU27995051"]),
        example(r#"{"id":"ATU20049597"}"#, &["ATU20049597"]),
        example("wrong ATU67995051", &[]),
        example("part of more 7ATU27995051 ATU279950517", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::High, |number| at_vat(number.get(2..).unwrap_or_default()))
}
