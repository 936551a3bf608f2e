//! One HTTP/2 connection in the role of server or client, without IO: the surface.

use bytes::Bytes;

use super::{H2Error, Options};
use crate::{Close, Event, SendError, StreamId};

/// One HTTP/2 connection.
#[derive(Debug)]
pub struct Connection {
    options: Options,
    next: u64,
}

impl Connection {
    /// The side that receives requests.
    pub fn server(options: Options) -> Self {
        Self { options, next: 0 }
    }

    /// The side that sends requests.
    pub fn client(options: Options) -> Self {
        Self { options, next: 0 }
    }

    /// Whether no exchange is in progress and the connection can carry another one.
    pub fn is_idle(&self) -> bool {
        false
    }

    /// Whether another stream can be opened now: the connection lives, the peer is not going
    /// away, and takes one more stream. A server opens none.
    pub fn can_open(&self) -> bool {
        false
    }

    /// Whether the peer has said that it takes extended CONNECT (RFC 8441).
    pub fn takes_extended_connect(&self) -> bool {
        false
    }

    /// Whether the caller should read from the peer.
    pub fn wants_input(&self) -> bool {
        false
    }

    /// Whether and how the connection must be closed, once all output is written.
    pub fn wants_close(&self) -> Option<Close> {
        Some(Close::Graceful)
    }

    /// Bytes of `stream` that wait for the peer's window or for output to be taken.
    pub fn pending(&self, _stream: StreamId) -> usize {
        self.options.limits.pending_bytes_max
    }

    /// Whether `stream` should be given more body bytes now.
    pub fn wants_data(&self, _stream: StreamId) -> bool {
        false
    }

    /// Takes bytes from the peer.
    pub fn receive(&mut self, _bytes: Bytes) {}

    /// The peer has ended its direction in order.
    pub fn receive_eof(&mut self) {}

    /// The connection broke off.
    pub fn receive_abort(&mut self) {}

    /// Gives back to the frame budgets what `elapsed_ms` milliseconds allow.
    pub fn refill(&mut self, _elapsed_ms: u64) {}

    /// The id for the next request of a client role connection.
    pub fn open(&mut self) -> StreamId {
        let stream = StreamId::new(self.next);
        self.next += 1;
        stream
    }

    /// Sends one event.
    ///
    /// # Errors
    /// When the event cannot be sent now; the connection is as it was before.
    pub fn send(&mut self, _stream: StreamId, _event: Event) -> Result<(), SendError> {
        Err(SendError::Closed)
    }

    /// Lets `stream` deliver this many more body bytes.
    pub fn credit(&mut self, _stream: StreamId, _bytes: u64) {}

    /// Takes no new streams, lets those in progress end, and then closes.
    pub fn close_when_idle(&mut self) {}

    /// The next event, or `None` until there is more input, credit, or a command.
    ///
    /// # Errors
    /// When the peer sent something that is refused.
    pub fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, H2Error> {
        Ok(None)
    }

    /// Moves what is to be written to the end of `output`; says how many bytes it was.
    pub fn poll_output(&mut self, _output: &mut Vec<Bytes>) -> usize {
        0
    }
}
