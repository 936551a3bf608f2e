//! Norwegian identity numbers.

use super::date::is_recent_date;
use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits begin with a date, to whose day 40 is added for those who are not
/// registered, and end with both check digits.
pub(crate) fn no_fnr(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let day = part(0..2);
    let day = if day > 40 { day - 40 } else { day };
    let is_right = |weights: &[u32]| weighted(number, weights).is_multiple_of(11);
    is_digits(number, 11)
        && is_recent_date(part(4..6), part(2..4), day)
        && is_right(&[3, 7, 6, 1, 8, 9, 4, 5, 2, 1])
        && is_right(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(no_fnr(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("20047795169", true),
            ("03049205545", true),
            ("25065136212", true),
            ("28035464966", true),
            ("62127324237", false),
            ("28095771723", false),
            ("19095422342", false),
            ("06136409771", false),
            ("2004779516", false),
            ("200477951690", false),
            ("", false),
        ]);
    }
}
