//! Greek social security numbers (AMKA).

use super::date::is_recent_date;
use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these eleven digits begin with a date and end with their Luhn check digit.
pub(crate) fn gr_amka(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    is_digits(number, 11) && is_recent_date(part(4..6), part(2..4), part(0..2)) && luhn(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(gr_amka(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("27066241764", true),
            ("11025832129", true),
            ("20025815448", true),
            ("25095671423", true),
            ("06125184981", false),
            ("14189720426", false),
            ("23105619560", false),
            ("22016656281", false),
            ("2706624176", false),
            ("270662417640", false),
            ("", false),
        ]);
    }
}
