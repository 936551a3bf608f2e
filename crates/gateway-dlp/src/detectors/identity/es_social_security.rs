//! `es_social_security`: Spanish social security number.
//!
//! **Format.** Two digits for the province, eight and two, plain or parted by slashes, spaces or
//! dashes. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come
//! right before it.
//!
//! **Validator.** The province is one, and the last two digits are the rest of the others by 97.
//!
//! **Source.** Tesoreria General de la Seguridad Social.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::es_nss;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "es_social_security",
    name: "Spanish social security number",
    summary: "Spanish social security number: by form and check digits",
    category: Category::Identity,
    keywords: &["naf", "nuss", "seguridad social"],
    pattern: alone!("[0-5][0-9][ /-]?[0-9]{8}[ /-]?[0-9]{2}"),
    match_bytes_max: 32,
    validators: &["es_nss"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("naf: 01/99870516/76.", &["01/99870516/76"]),
        example(r#"{"id":"28/78034278/46"}"#, &["28/78034278/46"]),
        example("wrong 61/99870516/76", &[]),
        example("part of more 701/99870516/76 01/99870516/767", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, es_nss)
}
