//! The check digit of US routing numbers (American Bankers Association).

use super::digits::{is_digits, value, weighted};

/// Whether these nine digits begin with the number of a district and are a multiple of ten by their
/// weights.
pub(crate) fn aba(number: &[u8]) -> bool {
    let district = value(number.get(..2).unwrap_or_default());
    is_digits(number, 9)
        && matches!(district, 0..=12 | 21..=32 | 61..=72 | 80)
        && value(number) > 0
        && weighted(number, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(aba(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("806265560", true),
            ("237071996", true),
            ("076877335", true),
            ("228617851", true),
            ("035234090", true),
            ("806265569", false),
            ("247071996", false),
            ("476877335", false),
            ("228617551", false),
            ("80626556", false),
            ("8062655600", false),
            ("", false),
        ]);
    }
}
