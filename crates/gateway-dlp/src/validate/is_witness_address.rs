//! Addresses of witness programs of Bitcoin (BIP 173, BIP 350).

use super::bech32::{Variant, bech32};

/// Whether this is `bc`, the version of a witness, its program of 2 to 40 bytes, of version 0 of 20
/// or 32, and the checksum for the version.
pub(crate) fn is_witness_address(number: &[u8]) -> bool {
    let Some(text) = bech32(number) else { return false };
    let Some((version, program)) = text.data.split_first() else { return false };
    let bits = program.len() * 5;
    let bytes = bits / 8;
    let padding = program.last().is_some_and(|digit| digit.trailing_zeros() as usize >= bits % 8);
    let fits = match version {
        0 => matches!(bytes, 20 | 32) && text.variant == Variant::Bech32,
        1..=16 => (2..=40).contains(&bytes) && text.variant == Variant::Bech32m,
        _ => false,
    };
    text.readable == b"bc" && bits % 8 < 5 && padding && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(is_witness_address(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("bc1qehzjtl0spyjs9atzfmvt59xuzvvw7ysju4enct", true),
            ("bc1pk8pexxeh5kha9n5rq5cgl7qert0my6w6p9zcrlr0q5ekmkg5f7mqhn2jzc", true),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", true),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", false),
            ("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du", false),
            ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", false),
            ("", false),
        ]);
    }
}
