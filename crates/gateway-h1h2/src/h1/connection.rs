//! One HTTP/1.1 connection in the role of server or client, without IO.

use bytes::Bytes;

use super::{Counts, H1Error, Options, SendError};
use crate::{Event, StreamId};

/// One HTTP/1.1 connection.
#[derive(Debug)]
pub struct Connection {}

/// How the connection is to be closed once all output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Close {
    /// In order: end the stream (close_notify, FIN), and read what comes for a short while so
    /// that the peer can read the last response.
    Graceful,
    /// A message was cut that the peer cannot tell from a complete one otherwise: break the
    /// connection off (RST, no close_notify).
    Abort,
}

impl Connection {
    /// The side that receives requests.
    pub fn server(options: Options) -> Self {
        todo!()
    }
    /// The side that sends requests.
    pub fn client(options: Options) -> Self {
        todo!()
    }

    // Getters.
    /// Whether no exchange is in progress and the connection can carry another.
    pub fn is_idle(&self) -> bool {
        todo!()
    }
    /// Whether the caller should read from the peer: false without credit, above
    /// `Limits::unread_bytes_max`, after an error, in a tunnel, and when the connection closes.
    pub fn wants_input(&self) -> bool {
        todo!()
    }
    /// Whether and how the connection must be closed, once all output is written.
    pub fn wants_close(&self) -> Option<Close> {
        todo!()
    }
    /// Whether the peer lets the connection carry another exchange after this one.
    pub fn peer_keep_alive(&self) -> bool {
        todo!()
    }
    /// How many body bytes should be sent now at most; sending more is never refused.
    pub fn send_capacity(&self) -> usize {
        todo!()
    }
    /// Bytes of output not yet taken.
    pub fn output_bytes(&self) -> usize {
        todo!()
    }
    /// How often each check found something.
    pub fn counts(&self) -> &Counts {
        todo!()
    }
    /// How many bytes of heads and trailers have been looked at, each pass counted.
    pub fn head_bytes_examined(&self) -> u64 {
        todo!()
    }

    // Input.
    /// Takes bytes from the peer. They are looked at by [`poll_event`](Self::poll_event).
    pub fn receive(&mut self, bytes: Bytes) {
        todo!()
    }
    /// The peer will send no more.
    pub fn receive_eof(&mut self) {
        todo!()
    }

    // Commands.
    /// The id for the next request of a client-role connection.
    pub fn open(&mut self) -> StreamId {
        todo!()
    }
    /// Sends one event.
    pub fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        todo!()
    }
    /// Lets `stream` deliver this many more body bytes. Without effect on a stream that is over.
    pub fn credit(&mut self, stream: StreamId, bytes: u64) {
        todo!()
    }
    /// Finishes the exchange in progress and then closes.
    pub fn close_when_idle(&mut self) {
        todo!()
    }

    // Output.
    /// The next event, or `None` until more input, credit or a command comes.
    pub fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, H1Error> {
        todo!()
    }
    /// Moves what is to be written to the end of `output`, in order; says how many bytes it was.
    pub fn poll_output(&mut self, output: &mut Vec<Bytes>) -> usize {
        todo!()
    }
    /// The bytes received but not delivered: what belongs to the next protocol.
    pub fn into_unread(self) -> Bytes {
        todo!()
    }
}
