//! Strkeys of Stellar (SEP 23), and seeds of keys of NATS, which are made alike: base 32 of a prefix,
//! 32 bytes and a CRC-16.

/// Characters of a strkey with 32 bytes.
const LEN: usize = 56;
/// Characters of a seed of NATS, whose prefix has two bytes.
const NKEY_LEN: usize = 58;
/// The version byte of a secret seed, whose text begins with `S`.
const SEED: u8 = 18 << 3;

/// Whether `text` is the strkey of a secret seed.
pub(crate) fn strkey(text: &[u8]) -> bool {
    text.len() == LEN && checked(text).is_some_and(|bytes| bytes.first() == Some(&SEED))
}

/// Whether `text` is the seed of a key of NATS: the same version, the kind of the key, which together
/// take two bytes, and 32 more.
pub(crate) fn nkey_seed(text: &[u8]) -> bool {
    let version = |bytes: &[u8]| bytes.first().map(|byte| byte & 0xF8);
    text.len() == NKEY_LEN && checked(text).is_some_and(|bytes| version(&bytes) == Some(SEED))
}

/// What stands in base 32 before the CRC-16 at its end, if that is right.
fn checked(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(digit)) & 0xFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).unwrap_or_default());
        }
    }
    let (all, crc) = bytes.split_last_chunk::<2>()?;
    (crc16(all) == u16::from_le_bytes(*crc)).then(|| all.to_vec())
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
        assert!(!nkey_seed(seed.as_bytes()));
        let seed = "SUAEP4HFAIUATA3OJTMDRE3ZTI7BQ6WW5IQDR7YIPNEZLWYAWR55KX7ZOE";
        assert!(nkey_seed(seed.as_bytes()));
        assert!(!nkey_seed(seed.replace("7ZOE", "7ZAA").as_bytes()));
        assert!(!strkey(seed.as_bytes()));
        assert!(!strkey(b"S"));
        assert!(!strkey(b""));
    }
}
