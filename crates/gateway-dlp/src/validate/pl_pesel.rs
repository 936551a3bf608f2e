//! Polish national numbers.

use super::date::is_date;
use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits begin with a date, of which the month tells the century, and end
/// with the check digit.
pub(crate) fn pl_pesel(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = match part(2..4) / 20 {
        0 => 1900,
        1 => 2000,
        2 => 2100,
        3 => 2200,
        _ => 1800,
    };
    let sum = weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_digits(number, 11)
        && is_date(century + part(0..2), part(2..4) % 20, part(4..6))
        && u64::from((10 - sum % 10) % 10) == part(10..11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pl_pesel(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("32080622351", true),
            ("43691737008", true),
            ("85041189826", true),
            ("71901730257", true),
            ("13260668130", true),
            ("22080622351", false),
            ("43691737088", false),
            ("85044189826", false),
            ("71901770257", false),
            ("3208062235", false),
            ("320806223510", false),
            ("", false),
        ]);
    }
}
