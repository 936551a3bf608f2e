//! Numbers of the National Health Service of Great Britain.

use super::digits::{is_digits, weighted};

/// Whether these ten digits are a multiple of eleven by their weights.
pub(crate) fn gb_nhs(number: &[u8]) -> bool {
    is_digits(number, 10)
        && number.iter().any(|digit| *digit != b'0')
        && weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(gb_nhs(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("4015206215", true),
            ("4555613341", true),
            ("4418670459", true),
            ("6147389289", true),
            ("5706554765", true),
            ("4015236215", false),
            ("4558613341", false),
            ("4418610459", false),
            ("6147389089", false),
            ("401520621", false),
            ("40152062150", false),
            ("", false),
        ]);
    }
}
