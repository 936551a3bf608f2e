//! Addresses as SOCKS writes them (RFC 1928 §5): a type, an IP address or a name, a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::Authority;

const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;

/// A host that a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// An IP address; also where it was written as a name.
    Ip(IpAddr),
    /// A name, lower-case, without a dot at its end.
    Name(String),
}

/// Where a client wants to go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Destination {
    /// The host.
    pub host: Host,
    /// The port; of UDP or TCP, as the request says.
    pub port: u16,
}

/// Why bytes are no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The type of the address is none of the three.
    #[error("address type {kind} is not known")]
    Kind {
        /// The type.
        kind: u8,
    },
    /// The name is no host name.
    #[error("the name is no host name")]
    Name,
}

impl Host {
    /// Reads a host as the rest of the gateway reads host names: an address, without brackets, or
    /// a name.
    ///
    /// # Errors
    /// [`HostError::Name`] for what is neither.
    pub fn parse(bytes: &[u8]) -> Result<Self, HostError> {
        name(bytes)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl From<SocketAddr> for Destination {
    fn from(address: SocketAddr) -> Self {
        Self { host: Host::Ip(address.ip()), port: address.port() }
    }
}

/// Reads a destination; gives it with the number of bytes it took, or `None` where more are
/// needed.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<(Destination, usize)>, HostError> {
    let Some((&kind, rest)) = bytes.split_first() else { return Ok(None) };
    let (host_bytes, before) = match kind {
        IPV4 => (4, 1),
        IPV6 => (16, 1),
        DOMAIN => match rest.first() {
            Some(&length) => (usize::from(length), 2),
            None => return Ok(None),
        },
        kind => return Err(HostError::Kind { kind }),
    };
    let whole = before + host_bytes + 2;
    let (Some(host), Some(&[high, low])) =
        (bytes.get(before..before + host_bytes), bytes.get(before + host_bytes..whole))
    else {
        return Ok(None);
    };
    let port = u16::from_be_bytes([high, low]);
    let host = match kind {
        DOMAIN => name(host)?,
        _ => match <[u8; 4]>::try_from(host) {
            Ok(octets) => Host::Ip(Ipv4Addr::from(octets).into()),
            Err(_) => {
                let octets = <[u8; 16]>::try_from(host).map_err(|_| HostError::Name)?;
                Host::Ip(Ipv6Addr::from(octets).to_canonical())
            }
        },
    };
    Ok(Some((Destination { host, port }, whole)))
}

/// A name as the rest of the gateway reads host names: one reading for all ways in.
pub(super) fn name(bytes: &[u8]) -> Result<Host, HostError> {
    let text = std::str::from_utf8(bytes).map_err(|_| HostError::Name)?;
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Host::Ip(ip.to_canonical()));
    }
    // An authority could bring a port, or brackets, of its own.
    if text.contains([':', '[', ']']) {
        return Err(HostError::Name);
    }
    let authority = Authority::parse(text.to_owned()).map_err(|_| HostError::Name)?;
    let host = authority.host().trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(ip) => Ok(Host::Ip(ip.to_canonical())),
        Err(_) if host.is_empty() => Err(HostError::Name),
        Err(_) => Ok(Host::Name(host.to_ascii_lowercase())),
    }
}

/// Writes an address behind `out`.
pub(super) fn encode(address: SocketAddr, out: &mut Vec<u8>) {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            out.push(IPV4);
            out.extend(ip.octets());
        }
        IpAddr::V6(ip) => {
            out.push(IPV6);
            out.extend(ip.octets());
        }
    }
    out.extend(address.port().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_form() {
        let named = |name: &[u8]| {
            let bytes = [&[3, name.len() as u8][..], name, &[1, 187]].concat();
            decode(&bytes)
                .map(|found| found.map(|(to, taken)| (to.host.to_string(), to.port, taken)))
        };
        let name = |host: &str, taken| Ok(Some((host.to_owned(), 443, taken)));
        assert_eq!(named(b"WWW.Example"), name("www.example", 15));
        assert_eq!(named(b"www.example."), name("www.example", 16));
        assert_eq!(named(b"192.0.2.1"), name("192.0.2.1", 13));
        assert_eq!(named(b"::ffff:192.0.2.1"), name("192.0.2.1", 20));
        for wrong in [&b""[..], b".", b"a:80", b"[::1]", b"a b", b"a/b", b"\xff", b"user@a"] {
            assert_eq!(named(wrong), Err(HostError::Name), "{wrong:?}");
        }
        assert_eq!(decode(&[2, 0]), Err(HostError::Kind { kind: 2 }));
    }

    #[test]
    fn a_prefix_is_not_enough_and_more_is_not_taken() {
        for address in ["192.0.2.1:80", "[2001:db8::1]:65535"] {
            let address: SocketAddr = address.parse().unwrap();
            let mut bytes = Vec::new();
            encode(address, &mut bytes);
            for end in 0..bytes.len() {
                assert_eq!(decode(&bytes[..end]), Ok(None), "{end}");
            }
            let length = bytes.len();
            bytes.push(9);
            assert_eq!(decode(&bytes), Ok(Some((address.into(), length))));
        }
    }
}
