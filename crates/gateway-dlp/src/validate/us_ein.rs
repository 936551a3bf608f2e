//! US employer identification numbers.

use super::digits::{is_digits, value};

/// Whether these nine digits begin with a campus of the IRS that gives numbers.
pub(crate) fn us_ein(number: &[u8]) -> bool {
    let campus = value(number.get(..2).unwrap_or_default());
    is_digits(number, 9)
        && matches!(
            campus,
            1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(us_ein(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("635665042", true),
            ("406988692", true),
            ("648134052", true),
            ("766234537", true),
            ("184977072", false),
            ("499840656", false),
            ("962713140", false),
            ("075181593", false),
            ("63566504", false),
            ("6356650420", false),
            ("", false),
        ]);
    }
}
