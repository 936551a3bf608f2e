//! `amex_name`: the words by which people name American Express cards.
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
    id: "amex_name",
    name: "American Express, by name",
    summary: "The words by which people name American Express cards",
    category: Category::Financial,
    keywords: &["card"],
    pattern: r"\b{start-half}(?i:american[ -]?express|amex)\b{end-half}",
    match_bytes_max: 64,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("paid by American Express card", &["American Express"]),
        example("AMEX 1234", &["AMEX"]),
        example("an american expression", &[]),
        example("the amexite mineral", &[]),
    ],
};
