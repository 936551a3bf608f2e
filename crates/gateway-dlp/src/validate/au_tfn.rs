//! Australian tax file numbers.

use super::digits::{is_digits, weighted};

/// Whether these eight or nine digits are a multiple of eleven by their weights.
pub(crate) fn au_tfn(number: &[u8]) -> bool {
    (is_digits(number, 9) || is_digits(number, 8))
        && weighted(number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(au_tfn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("946248451", true),
            ("537030017", true),
            ("523999378", true),
            ("950940995", true),
            ("577079492", true),
            ("946248421", false),
            ("517030017", false),
            ("523999372", false),
            ("950940997", false),
            ("94624845", false),
            ("9462484510", false),
            ("", false),
        ]);
    }
}
