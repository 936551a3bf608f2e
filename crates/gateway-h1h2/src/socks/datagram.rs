//! The header in front of every datagram between a client and the relay (RFC 1928 §7).

use std::net::SocketAddr;

use bytes::Bytes;

use super::address::{self, Destination, HostError};

/// Why a datagram of a client cannot be relayed. It is dropped: there is no way to say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatagramError {
    /// It ends within its header, or the reserved bytes are not zero.
    #[error("the header of the datagram is malformed")]
    Header,
    /// It is one of several fragments, which this server does not put together (RFC 1928 §7
    /// leaves it free to).
    #[error("fragment {number} of a datagram")]
    Fragment {
        /// Its number.
        number: u8,
    },
    /// The host cannot be read.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// Takes the header off: where the datagram is to go, and what it carries.
///
/// ```
/// use bytes::Bytes;
/// use gateway_h1h2::socks;
///
/// let datagram = Bytes::from_static(b"\0\0\0\x01\xc0\0\x02\x01\0\x35query");
/// let (to, payload) = socks::decode_datagram(&datagram)?;
/// assert_eq!((to.host.to_string().as_str(), to.port), ("192.0.2.1", 53));
/// assert_eq!(payload, "query");
/// # Ok::<(), socks::DatagramError>(())
/// ```
///
/// # Errors
/// [`DatagramError`] says what is wrong with it.
pub fn decode_datagram(datagram: &Bytes) -> Result<(Destination, Bytes), DatagramError> {
    let Some((&[0, 0, fragment], rest)) = datagram.split_first_chunk() else {
        return Err(DatagramError::Header);
    };
    if fragment != 0 {
        return Err(DatagramError::Fragment { number: fragment });
    }
    let (to, taken) = address::decode(rest)?.ok_or(DatagramError::Header)?;
    Ok((to, datagram.slice(3 + taken..)))
}

/// Writes a datagram that came from `peer` behind `out`, with its header.
pub fn encode_datagram(peer: SocketAddr, payload: &[u8], out: &mut Vec<u8>) {
    out.extend([0, 0, 0]);
    address::encode(peer, out);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for peer in ["192.0.2.1:53", "[2001:db8::1]:443"] {
            let peer: SocketAddr = peer.parse().unwrap();
            let mut out = Vec::new();
            encode_datagram(peer, b"data", &mut out);
            let read = decode_datagram(&Bytes::from(out));
            assert_eq!(read, Ok((peer.into(), Bytes::from_static(b"data"))));
        }
    }

    #[test]
    fn what_is_no_datagram_is_told() {
        let check = |bytes: &'static [u8], error| {
            assert_eq!(decode_datagram(&Bytes::from_static(bytes)), Err(error), "{bytes:?}");
        };
        check(b"", DatagramError::Header);
        check(b"\0\0\0", DatagramError::Header);
        check(b"\0\x01\0\x01\x01\x01\x01\x01\0\x01", DatagramError::Header);
        check(b"\0\0\x02\x01\x01\x01\x01\x01\0\x01", DatagramError::Fragment { number: 2 });
        check(b"\0\0\0\x01\x01\x01\x01", DatagramError::Header);
        check(b"\0\0\0\x07\x01", DatagramError::Host(HostError::Kind { kind: 7 }));
    }
}
