//! Dutch citizen service numbers.

use super::digits::{is_digits, weighted};

/// Whether these nine digits are a multiple of eleven by their weights, of which the last is taken
/// off.
pub(crate) fn nl_bsn(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]);
    is_digits(number, 9) && sum > 0 && check == Some(sum % 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(nl_bsn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("253641469", true),
            ("154628670", true),
            ("870584534", true),
            ("228766849", true),
            ("325906889", true),
            ("253691469", false),
            ("154688670", false),
            ("570584534", false),
            ("228766809", false),
            ("25364146", false),
            ("2536414690", false),
            ("", false),
        ]);
    }
}
