//! Base64 (RFC 4648 §4) as far as the handshake needs it: 16 and 20 bytes.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` in Base64, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digit = |bits: u32| ALPHABET.get(bits as usize % 64).map_or('=', |byte| char::from(*byte));
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| group.get(i).map_or(0, |byte| u32::from(*byte));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let padding = i > group.len();
            text.push(if padding { '=' } else { digit(bits >> (18 - 6 * i)) });
        }
    }
    text
}

/// Whether `text` is the Base64 of 16 bytes.
pub(super) fn is_of_16_bytes(text: &[u8]) -> bool {
    let digit = |byte: &u8| ALPHABET.contains(byte);
    // Two bits of the last digit hold data.
    let last = |byte: &u8| matches!(byte, b'A' | b'Q' | b'g' | b'w');
    match text {
        [digits @ .., end, b'=', b'='] => {
            digits.len() == 21 && digits.iter().all(digit) && last(end)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        assert!(is_of_16_bytes(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(is_of_16_bytes(encode(&[255; 16]).as_bytes()));
        for wrong in
            ["", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ=", "dGhl IHNhbXBsZSBub25jZQ=="]
        {
            assert!(!is_of_16_bytes(wrong.as_bytes()), "{wrong}");
        }
    }
}
