//! The header with which a load balancer tells whose connection it passes on (the PROXY protocol of
//! HAProxy, versions 1 and 2), read and written. Whom to believe one is not its business: whoever
//! can send one can name any client.
//!
//! ```
//! use gateway_h1h2::proxy_protocol::{Addresses, Version, read, write};
//!
//! let addresses = Addresses::new("192.0.2.7:5000".parse()?, "198.51.100.1:443".parse()?);
//! let mut out = Vec::new();
//! write(Version::V1, &addresses, &mut out);
//! assert_eq!(out, b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\n");
//! out.extend(b"GET / ...");
//! assert_eq!(read(&out)?, Some((Some(addresses), 44)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod v1;
mod v2;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The longest header that is read: one of version 2 with the addresses and a few kilobytes of what
/// else it may tell.
pub const HEADER_BYTES_MAX: usize = 16 + 4_096;

/// The two ends of the connection that is passed on. Both are of IPv4, or both of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Addresses {
    source: SocketAddr,
    destination: SocketAddr,
}

/// The form of a header that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// A line of text.
    V1,
    /// Binary.
    #[default]
    V2,
}

/// Why bytes are no header, or none that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyHeaderError {
    /// They begin as neither version does.
    #[error("there is no PROXY header")]
    Missing,
    /// A line of version 1 is not as it should be.
    #[error("the line of a PROXY header is not valid")]
    Line,
    /// A command or version of version 2 that is not known.
    #[error("command {command:#04x} of a PROXY header is not known")]
    Command {
        /// The byte of version and command.
        command: u8,
    },
    /// A family or a transport that is not known, or cannot be: datagrams.
    #[error("family {family:#04x} of a PROXY header is not taken")]
    Family {
        /// The byte of family and transport.
        family: u8,
    },
    /// The length is too short for the addresses, or longer than is read.
    #[error("a PROXY header says that {bytes} bytes follow")]
    Length {
        /// What it says.
        bytes: u16,
    },
    /// What follows the addresses is not what its own lengths say.
    #[error("the extensions of a PROXY header are not whole")]
    Extension,
    /// The checksum is another one.
    #[error("the checksum of a PROXY header does not fit")]
    Checksum,
}

impl Addresses {
    /// The connection from `source` to `destination`. Where one is of IPv4 and the other is not,
    /// the one becomes its mapped address of IPv6.
    #[must_use]
    pub fn new(source: SocketAddr, destination: SocketAddr) -> Self {
        let canonical =
            |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let (source, destination) = (canonical(source), canonical(destination));
        if source.is_ipv4() == destination.is_ipv4() {
            return Self { source, destination };
        }
        let mapped = |address: SocketAddr| {
            let ip = match address.ip() {
                IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                IpAddr::V6(ip) => ip,
            };
            SocketAddr::new(ip.into(), address.port())
        };
        Self { source: mapped(source), destination: mapped(destination) }
    }

    /// Whose connection it is.
    #[must_use]
    pub const fn source(&self) -> SocketAddr {
        self.source
    }

    /// Where it was made to.
    #[must_use]
    pub const fn destination(&self) -> SocketAddr {
        self.destination
    }
}

/// Reads the header at the start of `bytes`: the addresses, if it has any, and its length, or
/// `None` if more bytes are needed. A connection of the balancer's own (`LOCAL`), or one whose ends
/// have no IP addresses (`UNKNOWN`, Unix sockets), has none. Never wants more than
/// [`HEADER_BYTES_MAX`].
///
/// # Errors
/// [`ProxyHeaderError`] with the first byte that makes it certain, or with the end of the part
/// that is wrong.
pub fn read(bytes: &[u8]) -> Result<Option<(Option<Addresses>, usize)>, ProxyHeaderError> {
    match bytes.first() {
        None => Ok(None),
        Some(b'P') => v1::read(bytes),
        Some(_) => v2::read(bytes),
    }
}

/// Writes a header at the end of `out`.
pub fn write(version: Version, addresses: &Addresses, out: &mut Vec<u8>) {
    match version {
        Version::V1 => v1::write(addresses, out),
        Version::V2 => v2::write(addresses, out),
    }
}

/// The addresses as they are in IPv6, where they are.
const fn v6(address: SocketAddr) -> Option<Ipv6Addr> {
    match address {
        SocketAddr::V4(_) => None,
        SocketAddr::V6(address) => Some(*address.ip()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<(&str, &str)>) {
        let found = read(bytes).unwrap().unwrap();
        let expected = expected.map(|(source, destination)| Addresses {
            source: address(source),
            destination: address(destination),
        });
        assert_eq!(found, (expected, bytes.len()));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), Ok(None), "{end}");
        }
        let behind = [bytes, b"PROXY"].concat();
        assert_eq!(read(&behind), Ok(Some((expected, bytes.len()))));
    }

    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    fn binary(rest: &[u8]) -> Vec<u8> {
        [SIGNATURE, rest].concat()
    }

    #[test]
    fn headers_are_read() {
        check(
            b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\r\n",
            Some(("192.0.2.7:5000", "198.51.100.1:443")),
        );
        check(b"PROXY TCP6 2001:db8::7 ::1 65535 0\r\n", Some(("[2001:db8::7]:65535", "[::1]:0")));
        check(b"PROXY UNKNOWN\r\n", None);
        check(b"PROXY UNKNOWN ffff:f:f:f:f:f:f:f ff::f 65535 65535\r\n", None);
        let v4 = b"\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x13\x88\x01\xbb";
        check(&binary(v4), Some(("192.0.2.7:5000", "198.51.100.1:443")));
        let with_more =
            b"\x21\x11\0\x13\xc0\0\x02\x07\xc6\x33\x64\x01\x13\x88\x01\xbb\x02\0\x04host";
        check(&binary(with_more), Some(("192.0.2.7:5000", "198.51.100.1:443")));
        check(&binary(b"\x20\0\0\0"), None);
        check(&binary(b"\x20\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x13\x88\x01\xbb"), None);
        check(&binary(b"\x21\0\0\x05\x04\0\x02\0\0"), None);
        check(&binary(&[&b"\x21\x31\0\xd8"[..], &[0; 216]].concat()), None);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        use ProxyHeaderError::{Checksum, Command, Extension, Family, Length, Line, Missing};
        for (bytes, error) in [
            (&b"GET / HTTP/1.1"[..], Missing),
            (b"POST / HTTP/1.1", Missing),
            (b"\r\n\r\nX", Missing),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 5000\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 443 1\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 ::1 5000 443\r\n", Line),
            (b"PROXY TCP6 192.0.2.7 192.0.2.8 5000 443\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 05000 443\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n", Line),
            (b"PROXY TCP4 192.0.2.7  198.51.100.1 1 443\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 +1 443\r\n", Line),
            (b"PROXY UDP4 192.0.2.7 198.51.100.1 1 443\r\n", Line),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 5000 443\n", Line),
            (&[&b"PROXY UNKNOWN "[..], &[b'a'; 93]].concat(), Line),
            (&binary(b"\x11"), Command { command: 0x11 }),
            (&binary(b"\x22"), Command { command: 0x22 }),
            (&binary(b"\x21\x12"), Family { family: 0x12 }),
            (&binary(b"\x21\x41"), Family { family: 0x41 }),
            (&binary(b"\x21\x11\0\x0b"), Length { bytes: 11 }),
            (&binary(b"\x21\x11\xff\xff"), Length { bytes: 65_535 }),
            (
                &binary(b"\x21\x11\0\x0e\xc0\0\x02\x07\xc6\x33\x64\x01\x13\x88\x01\xbb\x02\0"),
                Extension,
            ),
            (
                &binary(b"\x21\x11\0\x10\xc0\0\x02\x07\xc6\x33\x64\x01\x13\x88\x01\xbb\x02\0\x02a"),
                Extension,
            ),
            (&binary(b"\x20\0\0\x07\x03\0\x04abcd"), Checksum),
        ] {
            assert_eq!(read(bytes), Err(error), "{}", bytes.escape_ascii());
        }
    }

    /// CRC-32C as RFC 3720 §B.4 has it for the header with the field set to zero.
    #[test]
    fn a_checksum_that_fits_is_taken() {
        let mut header = binary(b"\x20\0\0\x07\x03\0\x04\0\0\0\0");
        let sum = v2::crc32c(header.iter().copied());
        let at = header.len() - 4;
        header[at..].copy_from_slice(&sum.to_be_bytes());
        check(&header, None);
        assert_eq!(v2::crc32c([0; 32]), 0x8a91_36aa);
    }

    fn any_address() -> impl Strategy<Value = SocketAddr> {
        prop_oneof![
            any::<([u8; 4], u16)>().prop_map(SocketAddr::from),
            any::<([u8; 16], u16)>().prop_map(SocketAddr::from),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            source in any_address(),
            destination in any_address(),
            version in proptest::sample::select(vec![Version::V1, Version::V2]),
        ) {
            let addresses = Addresses::new(source, destination);
            let mut out = Vec::new();
            write(version, &addresses, &mut out);
            prop_assert_eq!(read(&out), Ok(Some((Some(addresses), out.len()))));
            prop_assert_eq!(addresses.source().ip().to_canonical(), source.ip().to_canonical());
        }
    }
}
