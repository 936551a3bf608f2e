//! `it_identity_card`: italian identity card number.
//!
//! **Format.** Of the electronic card two letters, five digits and two letters, or seven digits and
//! two letters; of the one on paper two letters and seven digits. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it. The last two are found
//! behind one of their names, at most 48 bytes before on the same line, or where they are all that
//! a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Ministero dell'Interno, "Carta di identita elettronica".
//!
//! **Confidence.** Low: there is no check digit.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &[
    "carta d'identità",
    "carta di identità",
    "carta identità",
    "cie",
    "documento",
    "identity card",
];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "it_identity_card",
    name: "Italian identity card number",
    summary: "Italian identity card numbers, by form",
    category: Category::Identity,
    keywords: &[
        "carta d'identità",
        "carta di identità",
        "carta identità",
        "cie",
        "documento",
        "identity card",
    ],
    pattern: alone!("(?i:[A-Z]{2}[0-9]{5}[A-Z]{2}|[0-9]{7}[A-Z]{2}|[A-Z]{2} ?[0-9]{7})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: current,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("la carta d'identità CA12345AA", &["CA12345AA"]),
        example("carta di identità: AA 1234567", &["AA 1234567"]),
        example("a;1234567Aa;b", &["1234567Aa"]),
        example("unnamed AA1234567 here", &[]),
        example("part of more CA12345AAA", &[]),
    ],
};

fn current(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        let ends = number.first().zip(number.last());
        ends.is_some_and(|(first, last)| first.is_ascii_alphabetic() && last.is_ascii_alphabetic())
    })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
