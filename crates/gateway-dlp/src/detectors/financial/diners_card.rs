//! `diners_card`: Diners Club card numbers.
//!
//! **Format.** 14 or 16 to 19 digits that begin with 300 to 305, 3095, 36, 38 or 39, plain or as
//! four, six and four, or in fours, parted by spaces or dashes. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first digits and the length are those of the network, and the last digit is
//! the Luhn check digit.
//!
//! **Source.** ISO/IEC 7812-1; Braintree, `credit-card-type`, `src/lib/card-types.ts`.
//!
//! **Confidence.** Medium: one number in ten with these first digits passes by chance. Low for 17 and more
//! plain digits, which numbers of 64 bits have as well.

use super::length::confidence;
use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{CardIssuer, card_issuer, luhn};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "diners_card",
    name: "Diners Club card number",
    summary: "Diners Club card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "diners"],
    pattern: alone!(
        "3[0689](?:[0-9]{12}|[0-9]{14,17}|[0-9]{2} [0-9]{6} [0-9]{4}|[0-9]{2}-[0-9]{6}-[0-9]{4}",
        "|[0-9]{2}(?: [0-9]{4}){3}|[0-9]{2}(?:-[0-9]{4}){3})"
    ),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 30569309025904.", &["30569309025904"]),
        example(r#"{"pan":"3852-000002-3237"}"#, &["3852-000002-3237"]),
        example("wrong 30569309025905", &[]),
        example("other range 31569309025904", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, confidence(sample), |number| {
        card_issuer(number) == Some(CardIssuer::Diners) && luhn(number)
    })
}
