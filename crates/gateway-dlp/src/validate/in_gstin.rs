//! Indian goods and services tax numbers.

use super::digits::{base36, value};
use super::in_pan::in_pan;

/// Whether these 15 characters are the code of a state, a permanent account number, the number of
/// the registration, `Z` and the check character: that of Luhn in base 36.
pub(crate) fn in_gstin(number: &[u8]) -> bool {
    let weigh = |(place, byte): (usize, &u8)| {
        let value = base36(*byte) * if place % 2 == 0 { 1 } else { 2 };
        value / 36 + value % 36
    };
    let sum: u32 = number.iter().rev().enumerate().map(weigh).sum();
    let state = value(number.get(..2).unwrap_or_default());
    number.len() == 15
        && number.iter().take(2).all(u8::is_ascii_digit)
        && matches!(state, 1..=38 | 97 | 99)
        && number.get(2..12).is_some_and(in_pan)
        && number.get(12).is_some_and(|byte| byte.is_ascii_alphanumeric() && *byte != b'0')
        && number.get(13) == Some(&b'Z')
        && sum.is_multiple_of(36)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(in_gstin(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("33GYMFX2297Z8Z0", true),
            ("04STSBG5869W4ZK", true),
            ("37CCIPH6210K9ZC", true),
            ("23XQPLO7059M5ZK", true),
            ("28UQEPR7151I9ZO", true),
            ("33GYFFX2297Z8Z0", false),
            ("04STSBG5869T4ZK", false),
            ("37CCIPO6210K9ZC", false),
            ("23XQPKO7059M5ZK", false),
            ("33GYMFX2297Z8Z", false),
            ("33GYMFX2297Z8Z00", false),
            ("", false),
        ]);
    }
}
