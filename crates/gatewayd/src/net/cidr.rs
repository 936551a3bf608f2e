//! A network in CIDR notation (RFC 4632, RFC 4291 §2.3).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

/// A network: an address and the number of its leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    address: IpAddr,
    bits: u8,
}

impl Cidr {
    /// The IPv4 network `a.b.c.d/bits`.
    pub(super) const fn v4([a, b, c, d]: [u8; 4], bits: u8) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits }
    }

    /// The IPv6 network that starts with the given three groups.
    pub(super) const fn v6([a, b, c]: [u16; 3], bits: u8) -> Self {
        Self { address: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), bits }
    }

    /// Whether `address` lies within. An IPv4-mapped IPv6 address counts as the IPv4 address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differs = u32::from(network) ^ u32::from(address);
                differs.checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differs = u128::from(network) ^ u128::from(address);
                differs.checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// The network without the bits that do not count.
    fn masked(self) -> Self {
        let address = match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        };
        Self { address, ..self }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CidrError {
    /// The part before the slash is no address.
    #[error("`{0}` is no network: write an address or a network such as 10.0.0.0/8")]
    Address(String),
    /// The part after the slash is no number of bits.
    #[error("`{text}`: the number of bits after the slash lies between 0 and {bits_max}")]
    Bits {
        /// The whole text.
        text: String,
        /// The bits that an address of this family has.
        bits_max: u8,
    },
    /// Bits are set that do not count, which tells of a slip.
    #[error("`{text}` has bits set behind its length: write {meant}")]
    HostBits {
        /// The whole text.
        text: String,
        /// The network that it lies in.
        meant: Cidr,
    },
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Reads `address` or `address/bits`.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr =
            address.parse().map_err(|_error| CidrError::Address(text.to_owned()))?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(bits_max), |bits| match bits.parse::<u8>() {
            Ok(bits) if bits <= bits_max => Ok(bits),
            Ok(_) | Err(_) => Err(CidrError::Bits { text: text.to_owned(), bits_max }),
        })?;
        let network = Self { address, bits };
        let meant = network.masked();
        if network == meant {
            Ok(network)
        } else {
            Err(CidrError::HostBits { text: text.to_owned(), meant })
        }
    }
}

// By a visitor, because errors of one carry the place of the value, even within a list.
impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(CidrVisitor)
    }
}

struct CidrVisitor;

impl Visitor<'_> for CidrVisitor {
    type Value = Cidr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a network such as \"10.0.0.0/8\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cidr, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_what_shares_the_leading_bits() {
        for (network, address, within) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "a00::", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("fe80::/10", "febf::1", true),
            ("fe80::/10", "fec0::1", false),
        ] {
            let network: Cidr = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), within, "{network} {address}");
        }
    }

    #[test]
    fn wrong_texts_say_what_to_write() {
        for (text, says) in [
            ("localhost", "such as 10.0.0.0/8"),
            ("10.0.0.0/33", "between 0 and 32"),
            ("10.0.0.0/", "between 0 and 32"),
            ("::1/129", "between 0 and 128"),
            ("10.0.0.1/8", "write 10.0.0.0/8"),
            ("fe80::1/10", "write fe80::/10"),
        ] {
            let error = text.parse::<Cidr>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert_eq!("::1".parse::<Cidr>().unwrap().to_string(), "::1/128");
    }
}
