//! `amex_card`: American Express card numbers.
//!
//! **Format.** 15 digits that begin with 34 or 37, plain or as four, six and five parted by spaces
//! or dashes. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may
//! come right before it.
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
    id: "amex_card",
    name: "American Express card number",
    summary: "American Express card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["amex", "card", "credit", "debit"],
    pattern: alone!("3[47](?:[0-9]{13}|[0-9]{2} [0-9]{6} [0-9]{5}|[0-9]{2}-[0-9]{6}-[0-9]{5})"),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 378282246310005.", &["378282246310005"]),
        example(r#"{"pan":"3714 496353 98431"}"#, &["3714 496353 98431"]),
        example("wrong 378282246310006", &[]),
        example("cut 37828224631000", &[]),
        example("grouped otherwise 3782 8224 6310 005", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        card_issuer(number) == Some(CardIssuer::Amex) && luhn(number)
    })
}
