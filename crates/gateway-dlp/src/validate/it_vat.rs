//! Italian VAT numbers.

use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these eleven digits hold the code of an office and end with the Luhn check digit.
pub(crate) fn it_vat(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    is_digits(number, 11)
        && part(0..7) > 0
        && matches!(part(7..10), 1..=100 | 120 | 121 | 888 | 999)
        && luhn(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(it_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("80183520073", true),
            ("83843860335", true),
            ("92002720800", true),
            ("88917070273", true),
            ("05112390371", true),
            ("80133520073", false),
            ("86843860335", false),
            ("92001720800", false),
            ("88919070273", false),
            ("8018352007", false),
            ("801835200730", false),
            ("", false),
        ]);
    }
}
