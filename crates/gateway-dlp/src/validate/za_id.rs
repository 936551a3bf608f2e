//! South African identity numbers.

use super::date::is_recent_date;
use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these 13 digits begin with a date, tell a citizen or a resident, and end with the Luhn
/// check digit.
pub(crate) fn za_id(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    is_digits(number, 13)
        && is_recent_date(part(0..2), part(2..4), part(4..6))
        && part(10..11) <= 2
        && luhn(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(za_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("6209131630064", true),
            ("0903169799058", true),
            ("4412261504081", true),
            ("5212189173079", true),
            ("1911078186118", true),
            ("6209131638064", false),
            ("0909169799058", false),
            ("4412268504081", false),
            ("5212119173079", false),
            ("620913163006", false),
            ("62091316300640", false),
            ("", false),
        ]);
    }
}
