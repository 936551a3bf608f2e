//! Version 2: binary (PROXY protocol §2.2).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Addresses, HEADER_BYTES_MAX, ProxyHeaderError, v6};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, command, family, length.
const HEAD_BYTES: usize = 16;
/// Version 2 with the command `PROXY`, and with `LOCAL`.
const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;
const UNSPECIFIED: u8 = 0x00;
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;
const UNIX_STREAM: u8 = 0x31;
/// The extension that holds a CRC-32C of the header, in which it is zero itself.
const CHECKSUM: u8 = 0x03;

pub(super) fn read(bytes: &[u8]) -> Result<Option<(Option<Addresses>, usize)>, ProxyHeaderError> {
    let shown = bytes.get(..SIGNATURE.len()).unwrap_or(bytes);
    if !SIGNATURE.starts_with(shown) {
        return Err(ProxyHeaderError::Missing);
    }
    let Some(&command) = bytes.get(12) else { return Ok(None) };
    if !matches!(command, PROXY | LOCAL) {
        return Err(ProxyHeaderError::Command { command });
    }
    let Some(&family) = bytes.get(13) else { return Ok(None) };
    let address_bytes = match (command, family) {
        // The family of a connection of the balancer's own is to be ignored.
        (LOCAL, _) | (_, UNSPECIFIED) => 0,
        (_, TCP4) => 12,
        (_, TCP6) => 36,
        (_, UNIX_STREAM) => 216,
        (_, family) => return Err(ProxyHeaderError::Family { family }),
    };
    let Some(&[high, low]) = bytes.get(14..HEAD_BYTES) else { return Ok(None) };
    let length = u16::from_be_bytes([high, low]);
    let end = HEAD_BYTES + usize::from(length);
    if usize::from(length) < address_bytes || end > HEADER_BYTES_MAX {
        return Err(ProxyHeaderError::Length { bytes: length });
    }
    let (Some(header), Some(rest)) = (bytes.get(..end), bytes.get(HEAD_BYTES..end)) else {
        return Ok(None);
    };
    let addresses = match (command, family) {
        (PROXY, TCP4) => ends::<4>(rest).map(|(source, destination, ports)| Addresses {
            source: SocketAddr::new(Ipv4Addr::from(source).into(), ports.0),
            destination: SocketAddr::new(Ipv4Addr::from(destination).into(), ports.1),
        }),
        (PROXY, TCP6) => ends::<16>(rest).map(|(source, destination, ports)| Addresses {
            source: SocketAddr::new(Ipv6Addr::from(source).into(), ports.0),
            destination: SocketAddr::new(Ipv6Addr::from(destination).into(), ports.1),
        }),
        _ => None,
    };
    // What a connection without a family is followed by has no form that is known.
    if command == PROXY && family == UNSPECIFIED {
        return Ok(Some((None, end)));
    }
    // Of `LOCAL` too, but where its family speaks of addresses.
    let skipped = match (command, family) {
        (LOCAL, TCP4) => 12,
        (LOCAL, TCP6) => 36,
        (LOCAL, UNIX_STREAM) => 216,
        _ => address_bytes,
    };
    check_extensions(header, HEAD_BYTES + skipped)?;
    Ok(Some((addresses, end)))
}

/// Two addresses of `N` bytes, and their ports.
type Ends<const N: usize> = ([u8; N], [u8; N], (u16, u16));

/// Two addresses of `N` bytes, then two ports.
fn ends<const N: usize>(bytes: &[u8]) -> Option<Ends<N>> {
    let (source, rest) = bytes.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let &[s0, s1, d0, d1] = rest.first_chunk()?;
    let ports = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    Some((*source, *destination, ports))
}

/// Goes through type, length and value to the end of the header, and checks a checksum.
fn check_extensions(header: &[u8], mut at: usize) -> Result<(), ProxyHeaderError> {
    while at < header.len() {
        let rest = header.get(at..).unwrap_or_default();
        let Some((&[kind, high, low], rest)) = rest.split_first_chunk() else {
            return Err(ProxyHeaderError::Extension);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(..length).ok_or(ProxyHeaderError::Extension)?;
        at += 3;
        if kind == CHECKSUM {
            let said = value.try_into().map(u32::from_be_bytes);
            let said = said.map_err(|_| ProxyHeaderError::Extension)?;
            let own = at..at + length;
            let zeroed = header.iter().enumerate();
            let zeroed = zeroed.map(|(at, byte)| if own.contains(&at) { 0 } else { *byte });
            if crc32c(zeroed) != said {
                return Err(ProxyHeaderError::Checksum);
            }
        }
        at += length;
    }
    Ok(())
}

/// CRC-32C (RFC 3720 §B.4), bit by bit: a header is short, and hardly any has one.
pub(super) fn crc32c(bytes: impl IntoIterator<Item = u8>) -> u32 {
    let step = |crc: u32, byte: u8| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 0 { 0 } else { 0x82f6_3b78 }
        })
    };
    !bytes.into_iter().fold(u32::MAX, step)
}

pub(super) fn write(addresses: &Addresses, out: &mut Vec<u8>) {
    let Addresses { source, destination } = addresses;
    out.extend_from_slice(SIGNATURE);
    match (v6(*source), v6(*destination), source, destination) {
        (Some(from), Some(to), _, _) => {
            out.extend_from_slice(&[PROXY, TCP6, 0, 36]);
            out.extend_from_slice(&from.octets());
            out.extend_from_slice(&to.octets());
        }
        (_, _, SocketAddr::V4(from), SocketAddr::V4(to)) => {
            out.extend_from_slice(&[PROXY, TCP4, 0, 12]);
            out.extend_from_slice(&from.ip().octets());
            out.extend_from_slice(&to.ip().octets());
        }
        // Both are of one family.
        _ => return out.extend_from_slice(&[LOCAL, UNSPECIFIED, 0, 0]),
    }
    out.extend_from_slice(&source.port().to_be_bytes());
    out.extend_from_slice(&destination.port().to_be_bytes());
}
