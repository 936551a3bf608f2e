//! base58check: bytes in base 58, the last four of which are a double SHA-256 of those before
//! (Bitcoin Wiki, "Base58Check encoding").

use sha2::{Digest, Sha256};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Bytes of the checksum.
const CHECKSUM: usize = 4;
/// Digits of the longest text: the time grows with their square.
const DIGITS_MAX: usize = 128;

/// The bytes before the checksum, if `text` is base 58 and the checksum is right.
pub(crate) fn base58check(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = base58(text)?;
    let (payload, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
    let digest = Sha256::digest(Sha256::digest(payload));
    if !digest.starts_with(checksum) {
        return None;
    }
    bytes.truncate(bytes.len() - CHECKSUM);
    Some(bytes)
}

/// Decodes `text`: each `1` at its front is a zero byte.
fn base58(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > DIGITS_MAX {
        return None;
    }
    let zeros = text.iter().take_while(|byte| **byte == b'1').count();
    // The last byte first.
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.get(zeros..)? {
        let digit = DIGITS.iter().position(|digit| digit == byte)?;
        let mut carry = u32::try_from(digit).ok()?;
        for place in &mut bytes {
            carry += u32::from(*place) * 58;
            *place = u8::try_from(carry & 0xFF).ok()?;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).ok()?);
        }
    }
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_texts() {
        let cases = [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Some((0, 21))), // The first block's.
            ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", Some((0x80, 33))),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", None),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", None),
            ("", None),
            ("111", None),
        ];
        for (text, expected) in cases {
            let said = base58check(text.as_bytes()).map(|bytes| (bytes[0], bytes.len()));
            assert_eq!(said, expected, "{text}");
        }
        assert_eq!(base58(&[b'2'; 129]), None);
        assert_eq!(base58(b"11Z").unwrap(), [0, 0, 32]);
    }
}
