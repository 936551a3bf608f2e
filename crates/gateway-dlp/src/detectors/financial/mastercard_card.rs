//! `mastercard_card`: Mastercard card numbers.
//!
//! **Format.** 16 digits that begin with 51 to 55 or 2221 to 2720, plain or in fours parted by
//! spaces or dashes. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or
//! `%20` may come right before it.
//!
//! **Validator.** The first digits and the length are those of the network, and the last digit is
//! the Luhn check digit.
//!
//! **Source.** ISO/IEC 7812-1; Braintree, `credit-card-type`, `src/lib/card-types.ts`.
//!
//! **Confidence.** Medium: one number in ten with these first digits passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{CardIssuer, card_issuer, luhn};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mastercard_card",
    name: "Mastercard card number",
    summary: "Mastercard card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "mastercard"],
    pattern: alone!(
        "(?:5[1-5]|2[2-7])(?:[0-9]{14}|[0-9]{2}(?: [0-9]{4}){3}|[0-9]{2}(?:-[0-9]{4}){3})"
    ),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 5555555555554444.", &["5555555555554444"]),
        example(r#"{"pan":"2223 0031 2200 3222"}"#, &["2223 0031 2200 3222"]),
        example("wrong 5555555555554445", &[]),
        example("other range 2221000000000000", &[]),
        example("longer 55555555555544440", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        card_issuer(number) == Some(CardIssuer::Mastercard) && luhn(number)
    })
}
