//! The checksum in the case of the letters of an Ethereum address (EIP-55).

use super::keccak::keccak256;

/// Whether the letters of these 40 hexadecimal digits are capitals where the Keccak-256 of the
/// digits in lower case has a digit of 8 or more at their place.
pub(crate) fn eip55(address: &[u8]) -> bool {
    let digest = keccak256(&address.to_ascii_lowercase());
    let is_high =
        |at: usize| digest.get(at / 2).is_some_and(|byte| byte >> (4 * (1 - at % 2)) & 0x0F >= 8);
    address.len() == 40
        && address.iter().all(u8::is_ascii_hexdigit)
        && address.iter().enumerate().all(|(at, byte)| {
            !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == is_high(at)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_addresses() {
        for (address, expected) in [
            ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", true), // EIP-55.
            ("fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", true),
            ("52908400098527886E0F7030069857D2E4169EE7", true),
            ("de709f2102306220921060314715629080e2fb77", true),
            ("5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", false),
            ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", false),
            ("", false),
        ] {
            assert_eq!(eip55(address.as_bytes()), expected, "{address}");
        }
    }
}
