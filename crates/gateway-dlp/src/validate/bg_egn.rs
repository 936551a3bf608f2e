//! Bulgarian civil numbers.

use super::date::is_date;
use super::digits::{is_digits, value, weighted};

/// Whether these ten digits begin with a date, of which the month tells the century, and end with
/// the check digit.
pub(crate) fn bg_egn(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let (century, month) = match part(2..4) {
        month @ 41.. => (2000, month - 40),
        month @ 21.. => (1800, month - 20),
        month => (1900, month),
    };
    let sum = weighted(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    is_digits(number, 10)
        && is_date(century + part(0..2), month, part(4..6))
        && u64::from(sum % 11 % 10) == part(9..10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(bg_egn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("1543035479", true),
            ("4845190038", true),
            ("9626046341", true),
            ("7509100613", true),
            ("9001079829", true),
            ("1443035479", false),
            ("4045190038", false),
            ("9626046346", false),
            ("7509100611", false),
            ("154303547", false),
            ("15430354790", false),
            ("", false),
        ]);
    }
}
