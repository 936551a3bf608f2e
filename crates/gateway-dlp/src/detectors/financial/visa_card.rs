//! `visa_card`: Visa card numbers.
//!
//! **Format.** 13, 16 or 19 digits that begin with 4, plain or in fours parted by spaces or dashes.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
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
    id: "visa_card",
    name: "Visa card number",
    summary: "Visa card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "visa"],
    pattern: alone!(
        "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18}|[0-9]{3}(?: [0-9]{4}){3}|[0-9]{3}(?:-[0-9]{4}){3})"
    ),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 4111111111111111.", &["4111111111111111"]),
        example(r#"{"pan":"4012-8888-8888-1881"}"#, &["4012-8888-8888-1881"]),
        example("wrong 4111111111111112", &[]),
        example("mixed 4111-1111 1111-1111", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, confidence(sample), |number| {
        card_issuer(number) == Some(CardIssuer::Visa) && luhn(number)
    })
}
