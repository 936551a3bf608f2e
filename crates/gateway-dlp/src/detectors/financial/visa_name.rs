//! `visa_name`: the words by which people name Visa cards.
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
    id: "visa_name",
    name: "Visa, by name",
    summary: "The words by which people name Visa cards",
    category: Category::Financial,
    keywords: &["card"],
    pattern: r"\b{start-half}(?i:visa)(?i: (?:card|credit|debit|electron))\b{end-half}",
    match_bytes_max: 64,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("Visa card", &["Visa card"]),
        example("my VISA debit", &["VISA debit"]),
        example("a visa for the journey", &[]),
        example("visas credit", &[]),
    ],
};
