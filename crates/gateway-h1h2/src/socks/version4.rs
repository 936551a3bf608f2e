//! SOCKS version 4, with the names of 4a: one request, one reply. It knows no password, and no
//! address but those of IPv4.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::address::{self, Destination, Host, HostError};
use super::message::{Command, Reply, Request, SocksError};

/// The version byte of a request; that of a reply is 0.
pub(super) const VERSION: u8 = 4;
/// The longest user, and the longest name of a host.
const TEXT_BYTES_MAX: usize = 255;
const GRANTED: u8 = 90;
const REJECTED: u8 = 91;
const HEAD_BYTES: usize = 8;

/// Reads a request; gives it with the number of bytes it took, or `None` where more are needed.
/// The user is whoever the client says, and nobody's business.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Request, usize)>, SocksError> {
    let command = match bytes.get(1) {
        None => return Ok(None),
        Some(1) => Command::Connect,
        Some(2) => Command::Bind,
        Some(&command) => return Err(SocksError::Command { command }),
    };
    let Some((&[_, _, high, low, a, b, c, d], rest)) = bytes.split_first_chunk::<HEAD_BYTES>()
    else {
        return Ok(None);
    };
    let port = u16::from_be_bytes([high, low]);
    let Some(user) = text(rest)? else { return Ok(None) };
    let behind_user = HEAD_BYTES + user.len() + 1;
    // An address that nobody has says that a name follows (4a).
    let (host, end) = match [a, b, c, d] {
        [0, 0, 0, last] if last != 0 => {
            let Some(name) = text(rest.get(user.len() + 1..).unwrap_or_default())? else {
                return Ok(None);
            };
            (address::name(name)?, behind_user + name.len() + 1)
        }
        octets => (Host::Ip(IpAddr::V4(Ipv4Addr::from(octets))), behind_user),
    };
    Ok(Some((Request { command, destination: Destination { host, port } }, end)))
}

/// What stands before the next zero; `None` where it is still to come.
fn text(bytes: &[u8]) -> Result<Option<&[u8]>, SocksError> {
    let window = bytes.get(..=TEXT_BYTES_MAX).unwrap_or(bytes);
    match memchr::memchr(0, window) {
        Some(end) => Ok(window.get(..end)),
        None if window.len() <= TEXT_BYTES_MAX => Ok(None),
        None => Err(SocksError::Host(HostError::Name)),
    }
}

/// A reply. Of why a request is rejected there is no word but what concerns `identd`.
pub(super) fn reply(reply: Reply, bound: SocketAddr) -> Vec<u8> {
    let code = if reply == Reply::Succeeded { GRANTED } else { REJECTED };
    let ip = match bound.ip().to_canonical() {
        IpAddr::V4(ip) => ip,
        IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    };
    [&[0, code][..], &bound.port().to_be_bytes(), &ip.octets()].concat()
}
