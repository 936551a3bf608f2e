//! `sg_uen`: singapore business number (UEN).
//!
//! **Format.** Eight or nine digits and a letter; or `R`, `S` or `T`, two digits, two letters for
//! the kind, four digits and a letter or digit. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last character is right by the weights of the others, and there is such a
//! kind. The front of a power, as in `73150542E-24`, is none.
//!
//! **Source.** Accounting and Corporate Regulatory Authority, "UEN". Compared with python-stdnum,
//! `stdnum.sg.uen`.
//!
//! **Confidence.** Medium: form and check character pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, is_front_of_power, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::sg_uen;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sg_uen",
    name: "Singapore business number (UEN)",
    summary: "Singapore business numbers (UEN): by form and check character",
    category: Category::Identity,
    keywords: &["business registration", "uen", "unique entity number"],
    pattern: alone!("[0-9]{8,9}[A-Z]|[RST][0-9]{2}[A-Z]{2}[0-9]{4}[0-9A-Z]"),
    match_bytes_max: 64,
    validators: &["sg_uen"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("UEN 53125226D was processed", &["53125226D"]),
        example(r#"{"id":"201434292D"}"#, &["201434292D"]),
        example("S57TU0392K", &["S57TU0392K"]),
        example("wrong 53125226E", &[]),
        example("part of more 153125226D7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if is_front_of_power(sample) {
        return None;
    }
    number(sample, Confidence::Medium, sg_uen)
}
