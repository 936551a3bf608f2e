//! Indonesian population numbers.

use super::date::is_recent_date;
use super::digits::{is_digits, value};

/// Whether these 16 digits begin with the code of a province and hold a date, whose day is 40 more
/// for women.
pub(crate) fn id_nik(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let province = matches!(part(0..2), 11..=19 | 21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97);
    is_digits(number, 16) && province && is_recent_date(part(10..12), part(8..10), part(6..8) % 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(id_nik(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("3212890710970773", true),
            ("3207065312174215", true),
            ("3201364608104044", true),
            ("3205084203441121", true),
            ("3208875701582651", true),
            ("3212890780970773", false),
            ("3207065318174215", false),
            ("3901364608104044", false),
            ("3805084203441121", false),
            ("321289071097077", false),
            ("32128907109707730", false),
            ("", false),
        ]);
    }
}
