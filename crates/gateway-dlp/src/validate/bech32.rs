//! bech32 and bech32m: text of 5-bit digits behind a readable part, with a checksum of six digits
//! that is sure to show up to four changes (BIP 173, BIP 350).

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
/// Digits of the checksum.
const CHECKSUM: usize = 6;

/// A text whose checksum is right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bech32 {
    /// The part before the last `1`, in lower case.
    pub(crate) readable: Vec<u8>,
    /// The digits between it and the checksum, each below 32.
    pub(crate) data: Vec<u8>,
    /// Which of the two checksums it has.
    pub(crate) variant: Variant,
}

/// The two checksums, which differ by a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    Bech32,
    Bech32m,
}

/// Decodes `text`; `None` if a digit is none, cases are mixed or the checksum is wrong.
pub(crate) fn bech32(text: &[u8]) -> Option<Bech32> {
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    if mixed {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let (readable, digits) = text.split_at(text.iter().rposition(|byte| *byte == b'1')?);
    let digit = |byte: &u8| DIGITS.iter().position(|digit| digit == byte);
    let data = digits.get(1..)?.iter().map(|byte| digit(byte).and_then(|d| u8::try_from(d).ok()));
    let mut data = data.collect::<Option<Vec<u8>>>()?;
    let high = readable.iter().map(|byte| byte >> 5);
    let low = readable.iter().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(data.iter().copied());
    let variant = match checksum(all) {
        1 => Variant::Bech32,
        0x2BC8_30A3 => Variant::Bech32m,
        _ => return None,
    };
    data.truncate(data.len().checked_sub(CHECKSUM)?);
    Some(Bech32 { readable: readable.to_vec(), data, variant })
}

fn checksum(values: impl Iterator<Item = u8>) -> u32 {
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let sum = (sum & 0x01FF_FFFF) << 5 ^ u32::from(value);
        let terms = GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        terms.fold(sum, |sum, (_, term)| sum ^ term)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_texts() {
        let cases = [
            ("A12UEL5L", Some(Variant::Bech32)), // BIP 173.
            ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", Some(Variant::Bech32)),
            ("A1LQFN3A", Some(Variant::Bech32m)), // BIP 350.
            ("a12uel5m", None),
            ("A12uel5l", None),
            ("1qqq", None),
            ("no digits at all", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(bech32(text.as_bytes()).map(|b| b.variant), expected, "{text}");
        }
    }

    #[test]
    fn parts() {
        let all = bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw").unwrap();
        assert_eq!(all.readable, b"abcdef");
        assert_eq!(all.data, (0..32).collect::<Vec<u8>>());
    }
}
