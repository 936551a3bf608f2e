//! Australian business numbers.

use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits, ten less at the first, are a multiple of 89 by their weights. The two
/// check digits, which are the first, are 11 to 99.
pub(crate) fn au_abn(number: &[u8]) -> bool {
    let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    is_digits(number, 11)
        && value(number.get(..2).unwrap_or_default()) > 10
        && weighted(number, &weights).wrapping_sub(10).is_multiple_of(89)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(au_abn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("42423437110", true),
            ("59510747000", true),
            ("88707185883", true),
            ("26539393943", true),
            ("45670091988", true),
            ("10569997405", false),
            ("42413437110", false),
            ("59580747000", false),
            ("82707185883", false),
            ("26539393941", false),
            ("4242343711", false),
            ("424234371100", false),
            ("", false),
        ]);
    }
}
