//! base64, plain or for URLs, as far as it goes (RFC 4648).

/// The bytes that `text` encodes, up to the first byte that is no digit, such as padding. A last
/// group that holds no whole byte is left out.
pub(crate) fn base64_bytes(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut digits = text.iter().map_while(|byte| digit(*byte));
    let (mut held, mut bits) = (0_u32, 0_u32);
    std::iter::from_fn(move || {
        while bits < 8 {
            held = (held << 6 | u32::from(digits.next()?)) & 0x3FFF;
            bits += 6;
        }
        bits -= 8;
        u8::try_from(held >> bits & 0xFF).ok()
    })
}

const fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_texts() {
        for (text, expected) in [
            ("", ""), // RFC 4648 section 10.
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYmFy", "foobar"),
            ("Zm9vYg", "foob"),
            ("Zm9v!Yg", "foo"),
            ("Z", ""),
        ] {
            let bytes: Vec<u8> = base64_bytes(text.as_bytes()).collect();
            assert_eq!(bytes, expected.as_bytes(), "{text}");
        }
        assert_eq!(base64_bytes(b"-_8").collect::<Vec<_>>(), [0xFB, 0xFF]);
        assert_eq!(base64_bytes(b"+/8").collect::<Vec<_>>(), [0xFB, 0xFF]);
    }
}
