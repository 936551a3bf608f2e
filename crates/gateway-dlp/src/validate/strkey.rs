//! Strkeys of Stellar: base 32 of a version byte, 32 bytes and a CRC-16 (SEP 23).

/// Characters of a strkey with 32 bytes.
const LEN: usize = 56;
/// The version byte of a secret seed, whose text begins with `S`.
const SEED: u8 = 18 << 3;

/// Whether `text` is the strkey of a secret seed.
pub(crate) fn strkey(text: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(LEN);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return false,
        };
        held = (held << 5 | u32::from(digit)) & 0xFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).unwrap_or_default());
        }
    }
    match bytes.as_slice() {
        [all @ .., low, high] => {
            text.len() == LEN
                && all.first() == Some(&SEED)
                && crc16(all) == u16::from_le_bytes([*low, *high])
        }
        _ => false,
    }
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    let step = |crc: u16, _| crc << 1 ^ (0x1021 & (crc >> 15).wrapping_neg());
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ u16::from(*byte) << 8, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values() {
        assert_eq!(crc16(b"123456789"), 0x31C3); // The check value of the CRC catalogue.
        // The seed of the example in SEP 5.
        let seed = "SBGWSG6BTNCKCOB3DIFBGCVMUPQFYPA2G4O34RMTB343OYPXU5DJDVMN";
        assert!(strkey(seed.as_bytes()));
        assert!(!strkey(seed.replace("DVMN", "DVMM").as_bytes()));
        assert!(!strkey(b"S"));
        assert!(!strkey(b""));
    }
}
