//! The ClientHello within the Initial packets of QUIC version 1 and 2 (RFC 9001, RFC 9369). Their
//! keys come from what is on the wire, so that whoever sees them can read them; nothing that
//! follows them can be read, and nothing here tries to.

mod frame;
mod packet;
mod protection;

use bytes::Bytes;
use thiserror::Error;

use crate::assembly::{Assembly, Misfit};
use crate::hello::ClientHello;
use crate::ja4::Carrier;
use crate::peek::HelloError;
use packet::{Coalesced, Initial};
use protection::Keys;

const HANDSHAKE_TYPE_CLIENT_HELLO: u8 = 1;
const MESSAGE_HEADER_BYTES: usize = 4;

/// How much of a handshake is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuicLimits {
    /// Bytes of the ClientHello, its four-byte header included. Default 64 KiB.
    pub hello_bytes_max: usize,
    /// Datagrams until it is whole; the caller has to keep as many. Default 16.
    pub datagrams_max: usize,
}

impl Default for QuicLimits {
    fn default() -> Self {
        Self { hello_bytes_max: 64 * 1024, datagrams_max: 16 }
    }
}

/// Why the first datagrams of QUIC hold no ClientHello to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuicError {
    /// The first packet is no Initial packet of a known version.
    #[error("not an Initial packet of QUIC version 1 or 2")]
    NotInitial,
    /// A packet does not open under the keys that its connection identifier gives.
    #[error("an Initial packet that does not open")]
    Sealed,
    /// A frame that an Initial packet must not hold (RFC 9000 §12.4), or one that does not fit.
    #[error("malformed frames in an Initial packet")]
    Frames,
    /// The same bytes were sent twice and differ.
    #[error("two versions of the same bytes in the handshake")]
    Contradiction,
    /// It does not end within the limits.
    #[error(
        "ClientHello longer than {bytes_max} bytes, or not complete in {datagrams_max} datagrams"
    )]
    TooLong {
        /// [`QuicLimits::hello_bytes_max`].
        bytes_max: usize,
        /// [`QuicLimits::datagrams_max`].
        datagrams_max: usize,
    },
    /// The first handshake message is another one.
    #[error("handshake message of type {handshake_type} instead of a ClientHello")]
    UnexpectedMessage {
        /// The message's type.
        handshake_type: u8,
    },
    /// The ClientHello is malformed.
    #[error(transparent)]
    Hello(#[from] HelloError),
}

/// What is known about a connection after its datagrams so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum QuicPeek {
    /// The ClientHello is not complete. A time-out here is a refusal.
    NeedMore,
    /// The client opens its connection with this message.
    Hello(Box<ClientHello>),
    /// It is no QUIC to rely on.
    Malformed(QuicError),
}

/// Reads the ClientHello that opens a QUIC connection from a copy of its client's datagrams.
///
/// Feed it whole datagrams in the order of their coming. It may be spread over several Initial
/// packets and datagrams, its frames in any order. Once decided, it answers the same for ever.
#[derive(Debug)]
pub struct QuicHelloPeek {
    limits: QuicLimits,
    keys: Option<Keys>,
    handshake: Assembly,
    datagrams: usize,
    decided: QuicPeek,
}

impl Default for QuicHelloPeek {
    fn default() -> Self {
        Self::new(QuicLimits::default())
    }
}

impl QuicHelloPeek {
    /// A peek at a connection that has sent nothing.
    #[must_use]
    pub fn new(limits: QuicLimits) -> Self {
        let handshake = Assembly::default();
        Self { limits, keys: None, handshake, datagrams: 0, decided: QuicPeek::NeedMore }
    }

    /// Takes the next datagram of the client.
    pub fn push(&mut self, datagram: &[u8]) -> QuicPeek {
        if self.decided == QuicPeek::NeedMore {
            self.datagrams += 1;
            match self.take(datagram) {
                Ok(Some(hello)) => self.decided = QuicPeek::Hello(Box::new(hello)),
                Ok(None) if self.datagrams >= self.limits.datagrams_max => {
                    self.decided = QuicPeek::Malformed(self.too_long());
                }
                Ok(None) => {}
                Err(error) => self.decided = QuicPeek::Malformed(error),
            }
            if self.decided != QuicPeek::NeedMore {
                self.handshake = Assembly::default();
            }
        }
        self.decided.clone()
    }

    /// Whether a later datagram of the client may belong to the connection that was peeked at: it
    /// holds no Initial packet, or such as open under the same keys. Another connection on the
    /// same addresses says for itself who it wants to reach.
    #[must_use]
    pub fn is_of_connection(&self, datagram: &[u8]) -> bool {
        Coalesced::new(datagram).all(|packet| match (&packet.initial, &self.keys) {
            (None, _) => true,
            (Some(initial), Some(keys)) => keys.fit(initial),
            (Some(_), None) => false,
        })
    }

    fn take(&mut self, datagram: &[u8]) -> Result<Option<ClientHello>, QuicError> {
        for packet in Coalesced::new(datagram) {
            let Some(initial) = packet.initial else { continue };
            let payload = self.open(&initial)?;
            frame::crypto(&payload, |offset, data| {
                let bytes_max = self.limits.hello_bytes_max;
                self.handshake.put(offset, data, bytes_max).map_err(|misfit| match misfit {
                    Misfit::TooMuch => self.too_long(),
                    Misfit::Contradiction => QuicError::Contradiction,
                })
            })?;
        }
        if self.keys.is_none() {
            return Err(QuicError::NotInitial);
        }
        self.hello()
    }

    /// The frames of a packet. The first packet gives the keys.
    fn open(&mut self, initial: &Initial<'_>) -> Result<Vec<u8>, QuicError> {
        if self.keys.is_none() {
            self.keys = Keys::of_client(initial.version, initial.destination_id);
        }
        let keys = self.keys.as_ref().ok_or(QuicError::Sealed)?;
        if keys.version != initial.version {
            return Err(QuicError::Sealed);
        }
        keys.open(initial).ok_or(QuicError::Sealed)
    }

    fn hello(&self) -> Result<Option<ClientHello>, QuicError> {
        let message = self.handshake.beginning();
        let Some(&[handshake_type, high, middle, low]) = message.first_chunk() else {
            return Ok(None);
        };
        if handshake_type != HANDSHAKE_TYPE_CLIENT_HELLO {
            return Err(QuicError::UnexpectedMessage { handshake_type });
        }
        let whole = MESSAGE_HEADER_BYTES + u32::from_be_bytes([0, high, middle, low]) as usize;
        if whole > self.limits.hello_bytes_max {
            return Err(self.too_long());
        }
        let Some(body) = message.get(MESSAGE_HEADER_BYTES..whole) else { return Ok(None) };
        Ok(Some(ClientHello::parse(&Bytes::copy_from_slice(body), Carrier::Quic)?))
    }

    const fn too_long(&self) -> QuicError {
        QuicError::TooLong {
            bytes_max: self.limits.hello_bytes_max,
            datagrams_max: self.limits.datagrams_max,
        }
    }
}

#[cfg(test)]
mod tests;
