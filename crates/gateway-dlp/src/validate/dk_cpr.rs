//! Danish civil registration numbers. The check digit is no longer kept, so that it is not asked
//! for.

use super::date::{LAST_BIRTH_YEAR, is_date};
use super::digits::{is_digits, value, weighted};

/// Whether these ten digits begin with a date: day, month and year, the century told by the
/// seventh.
pub(crate) fn dk_cpr(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let year = part(4..6);
    let century = match part(6..7) {
        0..=3 => 1900,
        4 | 9 if year >= 37 => 1900,
        5..=8 if year >= 58 => 1800,
        _ => 2000,
    };
    is_digits(number, 10)
        && century + year <= LAST_BIRTH_YEAR
        && is_date(century + year, part(2..4), part(0..2))
}

/// Whether these ten digits have the check digit that all had until 2007.
pub(crate) fn dk_cpr_check(number: &[u8]) -> bool {
    is_digits(number, 10) && weighted(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(dk_cpr(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("0406151622", true),
            ("0907761577", true),
            ("0311742026", true),
            ("2812051205", true),
            ("0605102694", true),
            ("0436151622", false),
            ("0987761577", false),
            ("0341742026", false),
            ("2892051205", false),
            ("040615162", false),
            ("04061516220", false),
            ("", false),
        ]);
    }

    #[test]
    fn check_digits() {
        assert!(dk_cpr_check(b"2110625629"));
        assert!(!dk_cpr_check(b"2110625628"));
        assert!(!dk_cpr_check(b"211062562"));
        assert!(!dk_cpr_check(b""));
    }
}
