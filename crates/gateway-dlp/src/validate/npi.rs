//! US provider numbers (National Provider Identifier).

use super::digits::is_digits;
use super::distinct::distinct;
use super::luhn::luhn;

/// Whether these ten digits begin with 1 or 2 and end with the Luhn check digit, with 80840 before
/// them.
pub(crate) fn npi(number: &[u8]) -> bool {
    let with_prefix: Vec<u8> = b"80840".iter().chain(number).copied().collect();
    is_digits(number, 10)
        && matches!(number.first(), Some(b'1' | b'2'))
        && distinct(number) > 2
        && luhn(&with_prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(npi(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("1234567893", true),
            ("1111111112", false),
            ("1245319599", true),
            ("1234567894", false),
            ("3234567893", false),
            ("123456789", false),
            ("", false),
        ]);
    }
}
