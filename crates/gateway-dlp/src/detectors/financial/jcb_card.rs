//! `jcb_card`: JCB card numbers.
//!
//! **Format.** 16 to 19 digits that begin with 3528 to 3589, plain or in fours parted by spaces or
//! dashes. No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come
//! right before it.
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
    id: "jcb_card",
    name: "JCB card number",
    summary: "JCB card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "jcb"],
    pattern: alone!("35(?:[0-9]{14,17}|[0-9]{2}(?: [0-9]{4}){3}|[0-9]{2}(?:-[0-9]{4}){3})"),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 3530111333300000.", &["3530111333300000"]),
        example(r#"{"pan":"3566-0020-2036-0505"}"#, &["3566-0020-2036-0505"]),
        example("wrong 3530111333300001", &[]),
        example("other range 3599111333300000", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, confidence(sample), |number| {
        card_issuer(number) == Some(CardIssuer::Jcb) && luhn(number)
    })
}
