//! US individual taxpayer identification numbers (IRS, Internal Revenue Manual 3.21.263).

use super::digits::{is_digits, value};

/// Whether these nine digits begin with 9 and have a group that is given: 50 to 65, 70 to 88, 90 to
/// 92 or 94 to 99.
pub(crate) fn itin(number: &[u8]) -> bool {
    let group = value(number.get(3..5).unwrap_or_default());
    is_digits(number, 9)
        && number.first() == Some(&b'9')
        && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(itin(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("911701234", true),
            ("999881234", true),
            ("911891234", false),
            ("811701234", false),
            ("911931234", false),
            ("91170123", false),
            ("", false),
        ]);
    }
}
