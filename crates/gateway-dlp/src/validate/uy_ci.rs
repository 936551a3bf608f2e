//! Identity numbers of Uruguay.

use super::digits::{is_digits, weighted};

/// Whether the last of these seven or eight digits is the check digit of those before.
pub(crate) fn uy_ci(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else { return false };
    let weights: &[u32] = &[2, 9, 8, 7, 6, 3, 4];
    let weights = weights.get(weights.len().saturating_sub(digits.len())..).unwrap_or_default();
    (is_digits(number, 7) || is_digits(number, 8))
        && (10 - weighted(digits, weights) % 10) % 10 == u32::from(check & 0x0F)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(uy_ci(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("12345672", true),
            ("12345673", false),
            ("1234567", false),
            ("123456720", false),
            ("", false),
        ]);
    }
}
