//! South Korean business registration numbers.
//!
//! Source: National Tax Service of Korea.

use super::digits::{is_digits, value, weighted};

/// Whether the last of these ten digits completes the others by their weights to a multiple of ten.
pub(crate) fn kr_brn(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let sum = u64::from(weighted(number, &[1, 3, 7, 1, 3, 7, 1, 3, 5])) + part(8..9) * 5 / 10;
    is_digits(number, 10)
        && part(0..3) > 100
        && part(3..5) > 0
        && (sum + part(9..10)).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("1048656659", true),
            ("1048213138", true),
            ("1048656658", false),
            ("1234567890", false),
            ("104865665", false),
            ("", false),
        ] {
            assert_eq!(kr_brn(text.as_bytes()), expected, "{text}");
        }
    }
}
