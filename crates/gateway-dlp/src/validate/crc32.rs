//! CRC-32 (ISO-HDLC, as in zip and PNG), and the base 62 in which tokens write it.

/// The CRC-32 of `bytes`. Bit by bit: it is asked for a few dozen bytes, once per token.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// `value` as six digits of base 62: `0-9`, `A-Z`, `a-z`. 62⁶ is more than 2³².
pub(crate) fn base62(mut value: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for place in digits.iter_mut().rev() {
        *place = match u8::try_from(value % 62).unwrap_or_default() {
            digit @ 0..=9 => b'0' + digit,
            digit @ 10..=35 => b'A' + digit - 10,
            digit => b'a' + digit - 36,
        };
        value /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926); // The check value of the CRC catalogue.
        assert_eq!(crc32(b""), 0);
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(62 * 36 + 10), b"0000aA");
        assert_eq!(&base62(u32::MAX), b"4gfFC3");
    }
}
