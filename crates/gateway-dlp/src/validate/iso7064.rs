//! The check characters of ISO/IEC 7064.

use super::digits::base36;

/// MOD 11,10: whether the last of these digits is the check digit of those before it.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let step = |check: u32, digit: &u8| {
        let sum = if check == 0 { 10 } else { check };
        (sum * 2 % 11 + u32::from(digit & 0x0F)) % 10
    };
    digits.len() > 1 && digits.iter().fold(5, step) == 1
}

/// MOD 97-10: whether these digits and capitals, which count for two digits each, are 1 modulo 97.
pub(crate) fn mod_97_10(text: impl IntoIterator<Item = u8>) -> bool {
    text.into_iter().fold(0, mod_97_step) == 1
}

/// The remainder modulo 97 with one more digit or capital.
fn mod_97_step(remainder: u32, byte: u8) -> u32 {
    let value = base36(byte);
    if value < 10 { (remainder * 10 + value) % 97 } else { (remainder * 100 + value) % 97 }
}

/// MOD 11-2: whether the last character, `X` for ten, is the check character of the digits before.
pub(crate) fn mod_11_2(text: &[u8]) -> bool {
    let Some((check, digits)) = text.split_last() else { return false };
    let sum = digits.iter().fold(0, |sum, digit| (sum + u32::from(digit & 0x0F)) * 2 % 11);
    let check = if *check == b'X' { 10 } else { u32::from(check & 0x0F) };
    !digits.is_empty() && (sum + check) % 11 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers() {
        assert!(mod_11_10(b"36574261809")); // A tax id of a German ministry's leaflet.
        assert!(!mod_11_10(b"36574261890"));
        assert!(!mod_11_10(b""));
        assert!(mod_97_10(*b"3214282912345698765432161182")); // An IBAN of Great Britain, turned.
        assert!(!mod_97_10(*b"3214282912345698765432161181"));
        assert!(mod_11_2(b"0000000121032683") && mod_11_2(b"000000012146438X")); // ISNI.
        assert!(!mod_11_2(b"0000000121032684"));
        assert!(!mod_11_2(b"X"));
    }
}
