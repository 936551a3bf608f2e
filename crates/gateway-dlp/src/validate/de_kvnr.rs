//! German health insurance numbers.
//!
//! Source: Vertrauensstelle Krankenversichertennummer.

use super::digits::{base36, is_digits, value};

/// Whether the last digit is the sum of those before it, of which each second counts twice and as
/// the sum of its digits; the letter at the front counts as its place in the alphabet, in two digits.
pub(crate) fn de_kvnr(number: &[u8]) -> bool {
    let [letter, digits @ ..] = number else { return false };
    let place = base36(*letter).saturating_sub(9);
    let body = digits.get(..8).unwrap_or_default();
    let all =
        [place / 10, place % 10].into_iter().chain(body.iter().map(|byte| u32::from(byte & 0x0F)));
    let double = |(at, digit): (usize, u32)| match at % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    };
    let sum: u32 = all.enumerate().map(double).sum();
    letter.is_ascii_uppercase()
        && is_digits(digits, 9)
        && u64::from(sum % 10) == value(digits.get(8..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("A123456780", true),
            ("M123456785", true),
            ("Z999999997", true),
            ("C000500021", true),
            ("A123456787", false),
            ("1123456780", false),
            ("A12345678", false),
            ("A1234567800", false),
            ("", false),
        ] {
            assert_eq!(de_kvnr(text.as_bytes()), expected, "{text}");
        }
    }
}
