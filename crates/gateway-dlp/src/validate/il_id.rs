//! Israeli identity numbers.

use super::digits::is_digits;
use super::luhn::luhn;

/// Whether these nine digits are not all the same and end with their Luhn check digit.
pub(crate) fn il_id(number: &[u8]) -> bool {
    let all_same = number.windows(2).all(|pair| pair.first() == pair.last());
    is_digits(number, 9) && !all_same && luhn(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(il_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("793541848", true),
            ("742619307", true),
            ("030543995", true),
            ("397339334", true),
            ("333045149", false),
            ("810584579", false),
            ("616991776", false),
            ("483633623", false),
            ("79354184", false),
            ("7935418480", false),
            ("", false),
        ]);
    }
}
