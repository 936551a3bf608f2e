//! Korean resident registration numbers. Those given since October 2020 have no check digit.

use super::date::is_date;
use super::digits::{is_digits, value, weighted};

/// Whether these 13 digits begin with a date, of which the seventh tells the century, and those
/// given before October 2020 hold the code of a place and end with the check digit.
pub(crate) fn kr_rrn(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    kr_birth(number) && part(7..9) <= 96 && (11 - sum(number) % 11) % 10 == part(12..13)
}

/// Whether these 13 digits begin with a date, of which the seventh tells the century and that it is
/// a foreigner's, and end with the check digit.
pub(crate) fn kr_frn(number: &[u8]) -> bool {
    kr_birth(number)
        && matches!(number.get(6), Some(b'5'..=b'8'))
        && (13 - sum(number) % 11) % 10 == value(number.get(12..13).unwrap_or_default())
}

/// Whether these are 13 digits that begin with a date, of which the seventh tells the century.
pub(crate) fn kr_birth(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = match part(6..7) {
        1 | 2 | 5 | 6 => 1900,
        3 | 4 | 7 | 8 => 2000,
        _ => 1800,
    };
    is_digits(number, 13) && is_date(century + part(0..2), part(2..4), part(4..6))
}

fn sum(number: &[u8]) -> u64 {
    weighted(number, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(kr_rrn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("7111057887528", true),
            ("9707309437527", true),
            ("4309068191955", true),
            ("1505271916814", true),
            ("8508243227995", true),
            ("7151057887528", false),
            ("9707309937527", false),
            ("4309068191655", false),
            ("1505271915814", false),
            ("711105788752", false),
            ("71110578875280", false),
            ("", false),
        ]);
    }

    #[test]
    fn of_foreigners() {
        for (number, expected) in [
            ("8603145128647", true),
            ("8603145128648", false),
            ("8603141128646", false),
            ("8613145128643", false),
            ("860314512864", false),
            ("", false),
        ] {
            assert_eq!(kr_frn(number.as_bytes()), expected, "{number}");
        }
    }
}
