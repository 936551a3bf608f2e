//! Japanese corporate numbers.

use super::digits::{is_digits, weighted};

/// Whether the first of these 13 digits is the check digit of the others.
pub(crate) fn jp_corporate(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_first() else { return false };
    let sum = weighted(digits, &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
    is_digits(number, 13) && u32::from(check & 0x0F) == 9 - sum % 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(jp_corporate(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("7220452762307", true),
            ("8665949603331", true),
            ("1920866831631", true),
            ("4096512501899", true),
            ("3166210576221", true),
            ("7220452702307", false),
            ("2665949603331", false),
            ("8920866831631", false),
            ("6096512501899", false),
            ("722045276230", false),
            ("72204527623070", false),
            ("", false),
        ]);
    }
}
