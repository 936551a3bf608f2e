//! `payment_card`: numbers of payment cards.
//!
//! **Format.** 13 to 19 digits, plain or printed in groups that one space or one dash parts, the
//! same one throughout: 4-4-4-4 (and 1 to 3 more), 4-6-5 and 4-6-4 (American Express, Diners
//! Club), 6-13 (UnionPay). No ASCII letter, digit or `_` may touch the number, nor may it be the
//! fraction of a decimal number; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first digits and the length are those of American Express, Dankort, Diners
//! Club, Discover, Elo, Hipercard, JCB, Maestro, Mastercard, Mir, UATP, UnionPay, Verve or Visa, and
//! the last digit is the Luhn check digit. Of several numbers with the same start the longest that
//! passes is found, so a security code behind the number does no harm.
//!
//! **Source.** ISO/IEC 7812-1 (numbering, Luhn); Braintree, `credit-card-type`,
//! `src/lib/card-types.ts`, ranges and lengths of the networks, but for Dankort and UATP. Of Maestro
//! it has one number in twelve: those that are known as such are found.
//!
//! **Confidence.** Medium: one number in ten with the right digits in front passes by chance. Low for
//! 17 and more plain digits, which numbers of 64 bits have as well, but those of UnionPay.

use gateway_inspect::Confidence;

use super::length::confidence;
use crate::detectors::lead_in::{lead_in, lead_in_len};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{card_issuer, luhn};

/// Digits of the longest number.
const DIGITS_MAX: usize = 19;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "payment_card",
    name: "Payment card number",
    summary: "Card numbers of Amex, Dankort, Diners, Discover, Elo, Hipercard, JCB, Maestro, \
              Mastercard, Mir, UATP, UnionPay, Verve and Visa, plain or in groups, by issuer range, \
              length and Luhn check digit",
    category: Category::Financial,
    keywords: &["card", "credit", "debit", "expires", "payment"],
    pattern: concat!(
        lead_in!(),
        r"(?:",
        r"[2-6][0-9]{12,18}|1[0-9]{14}",
        r"|[2-6][0-9]{3}(?: [0-9]{4}){3}(?: [0-9]{1,3})?",
        r"|[2-6][0-9]{3}(?:-[0-9]{4}){3}(?:-[0-9]{1,3})?",
        r"|3[0-9]{3}(?: [0-9]{6} |-[0-9]{6}-)[0-9]{4,5}",
        r"|62[0-9]{4}[ -][0-9]{13}",
        r")\b{end-half}",
    ),
    match_bytes_max: 32,
    validators: &["card_issuer", "luhn"],
    test: Test::Judge(judge),
    examples: &[
        example("Visa 4111111111111111", &["4111111111111111"]),
        example("old Visa 4222222222222, new", &["4222222222222"]),
        example("4111 1111 1111 1111 123", &["4111 1111 1111 1111"]),
        example("mc=5555-5555-5555-4444&n=2", &["5555-5555-5555-4444"]),
        example("2-series 2223003122003222", &["2223003122003222"]),
        example("Amex 3782 822463 10005.", &["3782 822463 10005"]),
        example("Diners 3056-930902-5904", &["3056-930902-5904"]),
        example("Discover 6011111111111117", &["6011111111111117"]),
        example("Maestro 6759649826438453", &["6759649826438453"]),
        example("Dankort 5019717010103742", &["5019717010103742"]),
        example("UATP 135410014004955", &["135410014004955"]),
        example("JCB 3530111333300000", &["3530111333300000"]),
        example("Mir 2202037635121605", &["2202037635121605"]),
        example("Elo 5090671570919207", &["5090671570919207"]),
        example("Hipercard 6062821577589535", &["6062821577589535"]),
        example("Verve 5061422268250173", &["5061422268250173"]),
        example("UnionPay 6205500000000000004", &["6205500000000000004"]),
        example("UnionPay 620550 0000000000004", &["620550 0000000000004"]),
        example(r#"{"text":"card\n4111111111111111"}"#, &["4111111111111111"]),
        example("q=card%204111111111111111", &["4111111111111111"]),
        example("5105105105105100 4012888888881881", &["5105105105105100", "4012888888881881"]),
        example("wrong check digit 4111111111111112", &[]),
        example("no such issuer 9999999999999995", &[]),
        example("mixed separators 4111-1111 1111-1111", &[]),
        example("part of more digits 41111111111111111111", &[]),
        example("part of a word x4111111111111111, 4111111111111111x", &[]),
        example("a fraction 0.4111111111111111", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let number = sample.matched.get(lead..)?;
    let mut digits = [0; DIGITS_MAX];
    let mut len = 0;
    for digit in number.iter().filter(|byte| byte.is_ascii_digit()) {
        *digits.get_mut(len)? = *digit;
        len += 1;
    }
    let digits = digits.get(..len)?;
    let real = card_issuer(digits).is_some() && luhn(digits) && !sample.is_fraction();
    let confidence =
        if digits.starts_with(b"62") { Confidence::Medium } else { confidence(sample) };
    real.then_some(Judgement { confidence, lead, trail: 0 })
}
