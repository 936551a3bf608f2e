//! One HTTP/2 connection in the role of server or client, without IO.
//!
//! Here are the state and the surface. What the engine and its streams say is in `drive`, what
//! commands do is in `send`, what time does is in `time`.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;

use super::engine::Engine;
use super::heard::Heard;
use super::linger::Lingering;
use super::pipe::{Greets, Pipe};
use super::ready::Ready;
use super::rest::Rests;
use super::send_head::Sent;
use super::stream::Sending;
use super::streams::Streams;
use super::tap::Response;
use super::watch::Watch;
use super::{H2Error, Options};
use crate::{Close, Event, StreamId};

/// One HTTP/2 connection.
///
/// The methods are those of [`h1::Connection`](crate::h1::Connection), in the same groups. After
/// any input or command, poll events until there is none, then take the output, and begin again
/// as long as either gave something: output comes in portions of
/// [`Limits::output_bytes_max`](super::Limits::output_bytes_max), and while a portion waits,
/// nothing is read that would add to it.
///
/// Events of one stream come in the order of the wire, whatever the pieces in which it was
/// received; streams come in no particular order to one another. A server names streams by their
/// identifiers on the wire, a client counts them from 0.
///
/// On a server, once the end (or reset) of a response is sent, no more events come for its
/// stream. A request that has not ended then may come to its end within
/// [`Limits::drain_bytes_max`](super::Limits::drain_bytes_max) and
/// [`Limits::drain_ms_max`](super::Limits::drain_ms_max), and is reset with `NO_ERROR` after that. A
/// `Reset` that comes after the `End` of a request says that the client no longer wants the
/// response.
pub struct Connection {
    pub(super) role: Role,
    pub(super) options: Options,
    pub(super) pipe: Pipe,
    pub(super) engine: Engine,
    pub(super) ready: Arc<Ready>,
    /// Wakes the connection itself.
    pub(super) waker: Waker,
    pub(super) streams: Streams,
    pub(super) rests: Rests,
    pub(super) lingering: Lingering,
    pub(super) watch: Watch,
    /// How long the body that moves least has not moved, when time was told last.
    pub(super) stalled_ms: u64,
    /// Slots to be polled; kept for its memory.
    pub(super) woken: Vec<usize>,
    /// Slots of a client to be polled for their responses; kept for its memory.
    pub(super) answered: Vec<usize>,
    /// Heads that a client has received and are to be looked at; kept for its memory.
    pub(super) heads: Vec<(u32, Response)>,
    /// Body bytes that were framed and are to be looked at; kept for its memory.
    pub(super) framed: Vec<(u32, usize)>,
    /// Slots whose last piece of body is kept back.
    pub(super) keeping: Vec<usize>,
    pub(super) events: VecDeque<Result<(StreamId, Event), H2Error>>,
    /// How many events were taken, at least.
    pub(super) taken: u64,
    /// Responses that ended in order and that the budgets have not been told of.
    pub(super) completed: u32,
    pub(super) sent: Sent,
    pub(super) heard: Heard,
    /// The number of the next stream of a client.
    pub(super) next: u64,
    /// The number that the next request of a client must have at least.
    pub(super) unsent: u64,
    /// The identifier on the wire of the next stream of a client, where it is known without asking the
    /// engine, which costs a lock.
    pub(super) next_wire: Option<u32>,
    /// The highest stream that a server was given, and how many.
    pub(super) highest: u32,
    pub(super) accepted: u64,
    /// Requests that the engine refused by itself.
    pub(super) refused: u64,
    /// No new streams are taken.
    pub(super) leaving: bool,
    /// The same, and the engine has been told.
    pub(super) left: bool,
    pub(super) failed: Option<H2Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Server,
    Client,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("role", &self.role)
            .field("streams", &self.streams.len())
            .field("ended", &self.engine.is_ended())
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// The side that receives requests. The preface of the client is part of the input.
    pub fn server(options: Options) -> Self {
        let pipe = Pipe::new(Greets::Peer, &options.limits);
        let engine = Engine::server(pipe.clone(), &options);
        Self::new(Role::Server, options, pipe, engine)
    }

    /// The side that sends requests.
    pub fn client(options: Options) -> Self {
        let pipe = Pipe::new(Greets::Us, &options.limits);
        let engine = Engine::client(pipe.clone(), &options);
        Self::new(Role::Client, options, pipe, engine)
    }

    fn new(role: Role, options: Options, pipe: Pipe, engine: Engine) -> Self {
        let ready = Arc::new(Ready::default());
        ready.wake_connection();
        Self {
            role,
            options,
            pipe,
            engine,
            waker: Waker::from(Arc::clone(&ready)),
            streams: Streams::new(Arc::clone(&ready)),
            ready,
            rests: Rests::default(),
            lingering: Lingering::default(),
            watch: Watch::default(),
            stalled_ms: 0,
            woken: Vec::new(),
            answered: Vec::new(),
            heads: Vec::new(),
            framed: Vec::new(),
            keeping: Vec::new(),
            events: VecDeque::new(),
            taken: 0,
            completed: 0,
            sent: Sent::default(),
            heard: Heard::default(),
            next: 0,
            unsent: 0,
            next_wire: None,
            highest: 0,
            accepted: 0,
            refused: 0,
            leaving: false,
            left: false,
            failed: None,
        }
    }

    /// Whether no stream is in progress and the connection can carry another one.
    pub fn is_idle(&self) -> bool {
        self.has_none() && self.events.is_empty() && !self.leaving && self.wants_close().is_none()
    }

    /// Whether a client can [`open`](Self::open) a stream and send its request now: the
    /// connection lives, neither side is going away, and the peer takes one more stream at a
    /// time. A server opens none.
    pub fn can_open(&self) -> bool {
        !self.leaving && self.streams.len() < self.streams_max()
    }

    /// How many streams of a client can be in progress at a time: as many as both sides allow.
    pub fn streams_max(&self) -> usize {
        let most = self.options.limits.streams_max as usize;
        most.min(self.engine.streams_taken_by_peer())
    }

    /// Whether neither side has said that it goes away.
    pub const fn is_staying(&self) -> bool {
        !self.leaving
    }

    /// Whether a client knows that the peer takes extended CONNECT (RFC 8441): not before its
    /// settings have come.
    pub fn takes_extended_connect(&self) -> bool {
        self.engine.peer_takes_extended_connect()
    }

    /// Whether the caller should read from the peer: not while more than
    /// [`Limits::unread_bytes_max`](super::Limits::unread_bytes_max) bytes wait for output to be
    /// taken, nor when nothing more is to be read. Missing credit is no reason: the peer's
    /// windows hold it back, and the other streams go on.
    pub fn wants_input(&self) -> bool {
        if self.engine.is_ended() || self.failed.is_some() {
            return false;
        }
        let queues = self.pipe.queues();
        !queues.ended && queues.unread() < self.options.limits.unread_bytes_max
    }

    /// Whether the connection must be closed, once all output is written: always in order, since
    /// the end of the connection completes no message.
    pub fn wants_close(&self) -> Option<Close> {
        (self.engine.is_ended() || self.failed.is_some()).then_some(Close::Graceful)
    }

    /// Body bytes of `stream` that were sent and wait for the peer's window or for output to be
    /// taken; 0 if it is not in progress.
    pub fn pending(&self, stream: StreamId) -> usize {
        self.streams.get(stream).map_or(0, super::stream::Stream::pending)
    }

    /// Whether `stream` is behind its head and fewer than
    /// [`Limits::pending_bytes_max`](super::Limits::pending_bytes_max) of its bytes wait. Sending
    /// more is never refused; a caller that heeds this keeps what is held within the limit.
    pub fn wants_data(&self, stream: StreamId) -> bool {
        self.streams.get(stream).is_some_and(|stream| {
            matches!(stream.sending, Sending::Body(_) | Sending::Tunnel)
                && stream.pending() < self.options.limits.pending_bytes_max
        })
    }

    /// Bytes of output ready to be taken.
    pub fn output_bytes(&self) -> usize {
        self.pipe.queues().output.len()
    }

    /// Takes bytes from the peer. They are looked at by [`poll_event`](Self::poll_event).
    pub fn receive(&mut self, bytes: Bytes) {
        if !self.engine.is_ended() {
            self.pipe.push(bytes);
            self.ready.wake_connection();
        }
    }

    /// The peer has ended its direction in order. Messages that are not complete end in `Reset`.
    pub fn receive_eof(&mut self) {
        self.pipe.end();
        self.ready.wake_connection();
    }

    /// The connection broke off: as [`receive_eof`](Self::receive_eof), without a look at what
    /// was not read.
    pub fn receive_abort(&mut self) {
        self.end();
    }

    /// The id for a next request of a client role connection. Requests are sent in the order of
    /// their ids.
    pub fn open(&mut self) -> StreamId {
        let stream = StreamId::new(self.next);
        self.next += 1;
        stream
    }

    /// Lets `stream` deliver this many more body bytes: the window of the stream and the
    /// connection grow by what has been delivered and credited. Every stream starts with
    /// [`Options::credit_bytes`], which is also the most that can be on its way.
    pub fn credit(&mut self, stream: StreamId, bytes: u64) {
        let slot = self.streams.slot(stream);
        let Some((place, held)) = slot.and_then(|slot| self.streams.slot_and_held(slot)) else {
            return;
        };
        if let Some(stream) = &mut place.stream {
            let others = held.saturating_sub(stream.owed());
            stream.add_credit(bytes);
            *held = others + stream.owed();
        }
    }

    /// Requests of clients that do not trust each other are sent from here on; see
    /// [`Codec::mix`](crate::Codec::mix).
    pub fn mix(&mut self) {
        self.sent.mix();
    }

    /// Takes no new streams, lets those in progress end, and then closes. A server says GOAWAY,
    /// and again when the client has had time to see it (RFC 9113 §6.8).
    pub fn close_when_idle(&mut self) {
        self.leaving = true;
        self.leave();
    }

    /// Tells the engine to leave, as soon as it can be told.
    pub(super) fn leave(&mut self) {
        if self.leaving && !self.left && self.engine.leave() {
            self.left = true;
            self.ready.wake_connection();
        }
    }

    /// The next event, or `None` until there is more input, credit, or a command.
    ///
    /// # Errors
    /// When the peer sent something that is refused. An error of one stream comes once: no more
    /// events come for it; on a server whose response has not begun, one response may still be
    /// sent, or else a `Reset`. An error of the connection comes behind the `Reset`s of all its
    /// streams, and again with every call.
    pub fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, H2Error> {
        if self.events.is_empty() {
            self.drive();
        }
        match (self.events.pop_front(), self.failed) {
            (Some(event), _) => {
                self.taken += 1;
                event.map(Some)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }

    /// Moves what is to be written to the end of `output`, in order; says how many bytes it was.
    /// Once they are written, call it again until it gives nothing.
    pub fn poll_output(&mut self, output: &mut Vec<Bytes>) -> usize {
        self.flush();
        self.drive();
        let mut queues = self.pipe.queues();
        if std::mem::take(&mut queues.blocked) {
            self.ready.wake_connection();
        }
        let bytes = queues.output.len();
        if bytes > 0 {
            output.push(queues.output.split().freeze());
        }
        bytes
    }
}
