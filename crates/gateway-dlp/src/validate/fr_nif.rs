//! French tax numbers of persons.

use super::digits::{is_digits, value};

/// Whether these 13 digits begin with 0 to 3, are not all 0, and the last three are the rest of the
/// others by 511.
pub(crate) fn fr_nif(number: &[u8]) -> bool {
    let (digits, check) = number.split_at(number.len().min(10));
    is_digits(number, 13)
        && matches!(number.first(), Some(b'0'..=b'3'))
        && value(digits) > 0
        && value(digits) % 511 == value(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(fr_nif(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("2318302585340", true),
            ("3965867845422", true),
            ("0590777475155", true),
            ("1974579115509", true),
            ("2916666628246", true),
            ("3318302585340", false),
            ("3365867845422", false),
            ("0590777475135", false),
            ("1974679115509", false),
            ("231830258534", false),
            ("23183025853400", false),
            ("0000000000000", false),
            ("", false),
        ]);
    }
}
