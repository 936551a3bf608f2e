//! Greek tax numbers.

use super::digits::{is_digits, weighted};

/// Whether the last of these nine digits is the check digit of the others.
pub(crate) fn gr_vat(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[256, 128, 64, 32, 16, 8, 4, 2]);
    is_digits(number, 9) && sum > 0 && check == Some(sum % 11 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(gr_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("466943976", true),
            ("688475579", true),
            ("982392435", true),
            ("319907928", true),
            ("891728857", true),
            ("566943976", false),
            ("688475574", false),
            ("962392435", false),
            ("319607928", false),
            ("4669439760", false),
            ("", false),
        ]);
    }
}
