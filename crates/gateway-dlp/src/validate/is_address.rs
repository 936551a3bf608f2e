//! Addresses of the Internet.
//!
//! Source: RFC 791; RFC 4291 section 2.2; RFC 4007 section 11; RFC 4632.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str;

/// Bits of the longest prefix of IPv4 and of IPv6.
const BITS: [u8; 2] = [32, 128];

/// Whether this is an address of IPv4 or of IPv6, for some with a zone and the length of a prefix.
pub(crate) fn is_address(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else { return false };
    let (rest, prefix) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let fits = |bits: u8| prefix.is_none_or(|len| len.parse().is_ok_and(|len: u8| len <= bits));
    let (address, zone) = rest.split_once('%').map_or((rest, None), |(a, b)| (a, Some(b)));
    match rest.contains(':') {
        true => address.parse::<Ipv6Addr>().is_ok() && fits(BITS[1]),
        false => zone.is_none() && address.parse::<Ipv4Addr>().is_ok() && fits(BITS[0]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("192.168.0.1", true),
            ("10.0.0.0/8", true),
            ("::", true),
            ("fe80::1%eth0/64", true),
            ("64:ff9b::192.0.2.0/96", true),
            ("10.0.0.0/33", false),
            ("256.1.1.1", false),
            ("1.2.3", false),
            ("10.0.0.1%eth0", false),
            ("2001::db8::1", false),
            ("1:2:3:4", false),
            ("::ffff:192.168.1", false),
            ("", false),
        ] {
            assert_eq!(is_address(text.as_bytes()), expected, "{text}");
        }
    }
}
