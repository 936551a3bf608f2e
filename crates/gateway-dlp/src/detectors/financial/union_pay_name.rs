//! `union_pay_name`: the words by which people name UnionPay cards.
//!
//! **Format.** The name, in any case, as a word of its own.
//!
//! **Validator.** None.
//!
//! **Source.** The trade mark of the network.
//!
//! **Confidence.** Low: the word tells what a text is about, not what it holds.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "union_pay_name",
    name: "UnionPay, by name",
    summary: "The words by which people name UnionPay cards",
    category: Category::Financial,
    keywords: &["card"],
    pattern: r"\b{start-half}(?i:china[ ]?union[ -]?pay|union[ -]?pay)\b{end-half}",
    match_bytes_max: 64,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("UnionPay accepted", &["UnionPay"]),
        example("a China Union Pay card", &["China Union Pay"]),
        example("the union paid", &[]),
        example("unionpayed", &[]),
    ],
};
