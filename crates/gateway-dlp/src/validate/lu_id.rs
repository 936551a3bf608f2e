//! Identification numbers of persons of Luxembourg, which are tax numbers too.

use super::date::is_date;
use super::digits::{is_digits, value};
use super::luhn::luhn;
use super::verhoeff::verhoeff;

/// Whether these 13 digits begin with a date, the twelfth is the Luhn check digit and the last the
/// Verhoeff check digit of the first eleven.
pub(crate) fn lu_id(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let Some((verhoeff_digit, head)) = number.split_last() else { return false };
    let body = head.get(..11).unwrap_or_default();
    let with_verhoeff: Vec<u8> = body.iter().chain([verhoeff_digit]).copied().collect();
    is_digits(number, 13)
        && matches!(part(0..4), 1850..=2150)
        && is_date(part(0..4), part(4..6), part(6..8))
        && luhn(head)
        && verhoeff(&with_verhoeff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(lu_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("1995090545572", true),
            ("1988111809773", true),
            ("2015042564749", true),
            ("1888022521822", true),
            ("1967092674681", true),
            ("1995090545570", false),
            ("1988111809793", false),
            ("2015042564769", false),
            ("1288022521822", false),
            ("199509054557", false),
            ("19950905455720", false),
            ("", false),
        ]);
    }
}
