//! The service's side of ICAP: what clients such as Squid offer comes out as events, and what becomes of
//! it goes in. One connection, one request after the other.
//!
//! ```
//! use gateway_h1h2::icap::{Ask, Said, Server};
//!
//! let mut server = Server::new();
//! server.receive(b"RESPMOD icap://a.test/scan ICAP/1.0\r\nHost: a.test\r\nAllow: 204\r\n\
//!     Encapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
//! let Some(Ask::Message(message)) = server.poll() else { panic!() };
//! assert_eq!((&*message.service, message.has_body), ("scan", true));
//! assert_eq!(server.poll(), Some(Ask::Data("abc".into())));
//! assert_eq!(server.poll(), Some(Ask::End));
//! assert!(server.may_leave_unmodified());
//! server.unmodified(&Said::new("1"));
//! assert!(server.poll_output().unwrap().starts_with(b"ICAP/1.0 204 "));
//! ```

mod answering;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

pub use self::answering::{About, Head, Said};
use self::reading::Reading;
pub use self::reading::{Ask, Kind, Message};
use super::{HEAD_BYTES_MAX, IcapError};

/// Bytes that may wait here before no more are to be read.
const WAITING_BYTES_MAX: usize = 64 << 10;

/// One connection of a client.
#[derive(Debug)]
pub struct Server {
    reading: Reading,
    input: BytesMut,
    /// Bytes of a head that is not complete in which its end was looked for.
    looked_at: usize,
    /// The head that was offered.
    original: Bytes,
    kind: Kind,
    allow_204: bool,
    /// The preview has not been left.
    within_preview: bool,
    closes: bool,
    output: VecDeque<Bytes>,
    fault: Option<IcapError>,
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reading: Reading::Command,
            input: BytesMut::new(),
            looked_at: 0,
            original: Bytes::new(),
            kind: Kind::Request,
            allow_204: false,
            within_preview: false,
            closes: false,
            output: VecDeque::new(),
            fault: None,
        }
    }

    /// Whether more bytes are to be read.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let waits = matches!(
            self.reading,
            Reading::AtPreview | Reading::Ended | Reading::Asked | Reading::Over
        );
        !waits && self.input.len() < WAITING_BYTES_MAX + HEAD_BYTES_MAX
    }

    /// Whether nothing of a request has come.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.reading, Reading::Command) && self.input.is_empty()
    }

    /// Whether the connection is to be closed once all output is out.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.reading, Reading::Over)
    }

    /// What was wrong with what the client sent, if that ended the connection.
    #[must_use]
    pub const fn fault(&self) -> Option<&IcapError> {
        self.fault.as_ref()
    }

    /// Takes bytes from the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !self.is_over() {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next bytes for the client.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// What the client wants next, as far as it has come. What makes no sense is answered here, and ends
    /// the connection.
    pub fn poll(&mut self) -> Option<Ask> {
        match self.next() {
            Ok(ask) => ask,
            Err(error) => {
                let status = match error {
                    IcapError::Refused(status) => status,
                    _ => 400,
                };
                self.refuse(status);
                self.fault = Some(error);
                None
            }
        }
    }
}
