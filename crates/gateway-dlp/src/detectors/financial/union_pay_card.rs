//! `union_pay_card`: UnionPay card numbers.
//!
//! **Format.** 16 to 19 digits that begin with 62, plain, in fours, or as 6 and 13, parted by
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
    id: "union_pay_card",
    name: "UnionPay card number",
    summary: "UnionPay card numbers, by range, length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "unionpay"],
    pattern: alone!(
        "62(?:[0-9]{14,17}|[0-9]{2}(?: [0-9]{4}){3}|[0-9]{2}(?:-[0-9]{4}){3}|[0-9]{4}[ -][0-9]{13})"
    ),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("card 6205500000000000004.", &["6205500000000000004"]),
        example(r#"{"pan":"6200 0000 0000 0005"}"#, &["6200 0000 0000 0005"]),
        example("wrong 6205500000000000005", &[]),
        example("cut 620550000000000", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        card_issuer(number) == Some(CardIssuer::UnionPay) && luhn(number)
    })
}
