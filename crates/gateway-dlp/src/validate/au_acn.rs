//! Australian company numbers.

use super::digits::{is_digits, weighted};

/// Whether the last of these nine digits is the check digit of the others.
pub(crate) fn au_acn(number: &[u8]) -> bool {
    is_digits(number, 9) && weighted(number, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(au_acn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("111174513", true),
            ("917126615", true),
            ("913022590", true),
            ("911125490", true),
            ("996735552", true),
            ("111174573", false),
            ("917126515", false),
            ("993022590", false),
            ("911025490", false),
            ("11117451", false),
            ("1111745130", false),
            ("", false),
        ]);
    }
}
