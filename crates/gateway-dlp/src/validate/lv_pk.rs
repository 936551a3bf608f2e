//! Personal codes of Latvia.

use super::date::is_birth_date;
use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits are a date, the century, a serial number and the check digit.
/// Codes that are given since 2017, which begin with 32 to 39, have neither date nor check digit.
pub(crate) fn lv_pk(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = 1800 + 100 * part(6..7);
    let sum = 1 + weighted(number, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    is_digits(number, 11)
        && matches!(number.get(6), Some(b'0'..=b'2'))
        && is_birth_date(century + part(4..6), part(2..4), part(0..2))
        && u64::from(sum % 11 % 10) == part(10..11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(lv_pk(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("27014517271", true),
            ("01049415851", true),
            ("06079911980", true),
            ("16045618098", true),
            ("14847814501", false),
            ("14086972294", false),
            ("13077092644", false),
            ("29027216087", false),
            ("2701451727", false),
            ("270145172710", false),
            ("", false),
        ]);
    }
}
