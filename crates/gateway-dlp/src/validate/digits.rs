//! Arithmetic on numbers written in ASCII digits, which most check digits are made of.

/// Whether `text` is `len` digits.
pub(crate) fn is_digits(text: &[u8], len: usize) -> bool {
    text.len() == len && text.iter().all(u8::is_ascii_digit)
}

/// The value of these digits; of more than 19, that of the last ones, and of other bytes nothing
/// that means anything.
pub(crate) fn value(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |value: u64, digit| value.wrapping_mul(10).wrapping_add(u64::from(digit & 0x0F)))
}

/// The sum of each digit times the weight at its place, as far as both go.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(digit & 0x0F) * weight).sum()
}

/// The value of a digit or capital in base 36; other bytes count as 0.
pub(crate) fn base36(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic() {
        assert!(is_digits(b"0123", 4) && !is_digits(b"012", 4) && !is_digits(b"012x", 4));
        assert_eq!(value(b"0420"), 420);
        assert_eq!(value(b""), 0);
        assert_eq!(weighted(b"123", &[3, 2, 1]), 10);
        assert_eq!(weighted(b"123", &[3]), 3);
        assert_eq!((base36(b'7'), base36(b'A'), base36(b'Z'), base36(b'-')), (7, 10, 35, 0));
    }
}
