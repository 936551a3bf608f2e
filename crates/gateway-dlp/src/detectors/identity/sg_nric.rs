//! `sg_nric`: Singapore identity number (NRIC, FIN).
//!
//! **Format.** A letter for the kind, seven digits and a check letter. No ASCII letter, digit or
//! `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The check letter is that of kind and digits.
//!
//! **Source.** Immigration and Checkpoints Authority of Singapore.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::sg_nric;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sg_nric",
    name: "Singapore identity number (NRIC, FIN)",
    summary: "Singapore identity number (NRIC, FIN): by form and check digits",
    category: Category::Identity,
    keywords: &["fin", "nric"],
    pattern: alone!("[STFGMstfgm][0-9]{7}[A-Za-z]"),
    match_bytes_max: 32,
    validators: &["sg_nric"],
    test: Test::Judge(judge),
    examples: &[
        example("fin: G3183943U.", &["G3183943U"]),
        example(r#"{"id":"F7437379T"}"#, &["F7437379T"]),
        example("wrong G3183941U", &[]),
        example("part of more 7G3183943U G3183943U7", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, sg_nric)
}
