//! Philippine tax numbers.
//!
//! Source: Bureau of Internal Revenue.

use super::digits::{value, weighted};

/// Whether the ninth of these digits is the remainder modulo 11 of the eight before it, which weigh
/// 9 down to 2. A remainder of ten is none.
pub(crate) fn ph_tin(number: &[u8]) -> bool {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (9..=14).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && number.iter().any(|digit| *digit != b'0')
        && u64::from(sum) == value(number.get(8..9).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("000123456", true),
            ("000123456001", true),
            ("000123457", false),
            ("123456789", false),
            ("600000000", false),
            ("000000000", false),
            ("00012345", false),
            ("", false),
        ] {
            assert_eq!(ph_tin(text.as_bytes()), expected, "{text}");
        }
    }
}
