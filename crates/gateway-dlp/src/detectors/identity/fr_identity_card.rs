//! `fr_identity_card`: numbers of French identity cards.
//!
//! **Format.** The words `carte d'identité`, `CNI` or `identity card`, and twelve digits, or nine
//! letters and digits for cards since 2021. The name and what parts it from the number are no part
//! of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** Those of twelve digits hold a month in the third and fourth, those of nine at
//! least two digits.
//!
//! **Source.** Microsoft Purview, "France national id card". On the kind: Agence nationale des
//! titres securises.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fr_identity_card",
    name: "French identity card number",
    summary: "Numbers of French identity cards, by form and by the name before them",
    category: Category::Identity,
    keywords: &["cni", "identité"],
    pattern: named!(
        r"(?:\b{start-half}cni|carte (?:nationale )?d'identit(?:e|(?-i:é))|french identity card)",
        "(?:[0-9]{12}|[0-9A-HJ-NPR-TV-Z]{9})"
    ),
    match_bytes_max: 80,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("CNI: 880692310285", &["880692310285"]),
        example("carte d'identité: T7X62TZ79", &["T7X62TZ79"]),
        example("880692310285 alone", &[]),
        example("CNI: 889992310285", &[]),
        example("CNI: ABCDEFGHJ", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |number| match number {
        [_, _, b'0', b'1'..=b'9', ..] | [_, _, b'1', b'0'..=b'2', ..] => true,
        _ => number.len() == 9 && number.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2,
    })
}
