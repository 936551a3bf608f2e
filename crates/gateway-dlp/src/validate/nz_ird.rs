//! New Zealand inland revenue numbers.

use super::digits::{is_digits, value, weighted};

/// Whether these eight or nine digits are in the range that is given out, and the last is the check
/// digit of the others.
pub(crate) fn nz_ird(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else { return false };
    let padded: Vec<u8> = std::iter::repeat_n(b'0', 8_usize.saturating_sub(digits.len()))
        .chain(digits.iter().copied())
        .collect();
    let check_digit = |weights: &[u32]| (11 - weighted(&padded, weights) % 11) % 11;
    let right = match check_digit(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check_digit(&[7, 4, 3, 2, 5, 2, 7, 6]),
        digit => digit,
    };
    (is_digits(number, 8) || is_digits(number, 9))
        && (10_000_001..150_000_000).contains(&value(number))
        && right == u32::from(check & 0x0F)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(nz_ird(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("90666762", true),
            ("92990230", true),
            ("22057650", true),
            ("39626233", true),
            ("43897225", true),
            ("90666362", false),
            ("92990830", false),
            ("22457650", false),
            ("39626533", false),
            ("9066676", false),
            ("906667620", false),
            ("", false),
        ]);
    }
}
