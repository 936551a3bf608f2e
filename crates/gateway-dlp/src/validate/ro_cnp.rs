//! Romanian personal numeric codes.

use super::date::is_birth_date;
use super::digits::{is_digits, value, weighted};

/// Whether these thirteen digits are the sex and century, a date, a county and a serial number, and
/// the check digit.
pub(crate) fn ro_cnp(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = match part(0..1) {
        3 | 4 => 1800,
        5 | 6 => 2000,
        _ => 1900,
    };
    let check = match weighted(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
        10 => 1,
        rest => u64::from(rest),
    };
    is_digits(number, 13)
        && part(0..1) > 0
        && is_birth_date(century + part(1..3), part(3..5), part(5..7))
        && matches!(part(7..9), 1..=48 | 51 | 52 | 70 | 80..=83)
        && check == part(12..13)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ro_cnp(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("2140902414899", true),
            ("2140219010892", true),
            ("6090728326811", true),
            ("2050825204718", true),
            ("5120427145010", false),
            ("1100504283528", false),
            ("2150602453819", false),
            ("5000555261331", false),
            ("214090241489", false),
            ("21409024148990", false),
            ("", false),
        ]);
    }
}
