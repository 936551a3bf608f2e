//! One HTTP/1.1 connection in the role of server or client, without IO.
//!
//! Here is the surface. The states are in `state`. What happens on input is in `receive`, what commands do is
//! in `send`; neither touches the other direction except through `settle`.

use bytes::Bytes;

use super::intake::{Body, Intake};
use super::output::Output;
use super::state::{Exchange, Inflow, Receiving, Role, Sending};
use super::{Checks, Counts, Found, Options};
use crate::{Close, StreamId};

/// One HTTP/1.1 connection.
///
/// The methods fall into four groups, in the manner of sans-IO state machines: **getters**;
/// **input** ([`receive`](Self::receive), [`receive_eof`](Self::receive_eof)); **commands**
/// ([`open`](Self::open), [`send`](Self::send), [`credit`](Self::credit),
/// [`close_when_idle`](Self::close_when_idle)); **output** ([`poll_event`](Self::poll_event),
/// [`poll_output`](Self::poll_output)). After any input or command, poll events until there is
/// none, then take the output, then ask [`wants_input`](Self::wants_input) and
/// [`wants_close`](Self::wants_close).
///
/// A server role connection gives a request only when the response before it is complete, so
/// pipelined requests are answered in order. A client role connection carries one exchange at a
/// time. On a server, once the end (or reset) of a response is sent, no more events come for its
/// stream; what is left of the request is drained or the connection closes.
///
/// Interim responses to an HTTP/1.0 client, and trailers for which the framing has no place, are
/// dropped without an error: RFC 9110 §15.2 and §6.5.1 let an intermediary do so.
#[derive(Debug)]
pub struct Connection {
    pub(super) role: Role,
    pub(super) intake: Intake,
    pub(super) output: Output,
    pub(super) receiving: Receiving,
    pub(super) sending: Sending,
    pub(super) exchange: Option<Exchange>,
    /// The number of the next stream.
    pub(super) next: u64,
    /// Body bytes that may still be delivered.
    pub(super) credit: u64,
    pub(super) inflow: Inflow,
    /// The exchange in progress is the last one.
    pub(super) last: bool,
    pub(super) close: Option<Close>,
}

impl Connection {
    /// The side that receives requests.
    pub fn server(options: Options) -> Self {
        Self::new(Role::Server, options)
    }

    /// The side that sends requests.
    pub fn client(options: Options) -> Self {
        Self::new(Role::Client, options)
    }

    fn new(role: Role, options: Options) -> Self {
        Self {
            role,
            intake: Intake::new(options),
            output: Output::default(),
            receiving: Receiving::Head,
            sending: Sending::Idle,
            exchange: None,
            next: 0,
            credit: 0,
            inflow: Inflow::Open,
            last: false,
            close: None,
        }
    }

    /// Whether no exchange is in progress and the connection can carry another one.
    pub fn is_idle(&self) -> bool {
        matches!(self.receiving, Receiving::Head)
            && self.exchange.is_none()
            && self.intake.is_empty()
            && self.is_open()
            && self.close.is_none()
    }

    /// Whether the caller should read from the peer.
    ///
    /// False while a body has no credit, while more than [`Limits::unread_bytes_max`] bytes lie
    /// undelivered, in a tunnel, and when nothing more is to be read.
    ///
    /// [`Limits::unread_bytes_max`]: super::Limits::unread_bytes_max
    pub fn wants_input(&self) -> bool {
        let room = self.intake.input.len() < self.intake.options.limits.unread_bytes_max;
        let wanted = match self.receiving {
            Receiving::Head | Receiving::Ending | Receiving::Ended | Receiving::Draining { .. } => {
                true
            }
            Receiving::Body(_) => self.credit > 0,
            Receiving::Switching | Receiving::Tunnel | Receiving::Closed | Receiving::Failed(_) => {
                false
            }
        };
        wanted && room && self.is_open()
    }

    /// Whether and how the connection must be closed, once all output is written.
    pub fn wants_close(&self) -> Option<Close> {
        self.close
    }

    /// Whether the connection can carry another exchange after the one in progress, as far as
    /// the peer has said.
    pub fn peer_keep_alive(&self) -> bool {
        let open = match self.receiving {
            Receiving::Switching | Receiving::Tunnel | Receiving::Closed | Receiving::Failed(_) => {
                false
            }
            Receiving::Head
            | Receiving::Body(_)
            | Receiving::Ending
            | Receiving::Ended
            | Receiving::Draining { .. } => self.is_open() && self.close.is_none(),
        };
        open && self.exchange.as_ref().is_none_or(|exchange| exchange.persistent)
    }

    /// How many body bytes should be sent now at most. Sending more is never refused; a caller
    /// that heeds this keeps the output below [`Limits::output_bytes_max`].
    ///
    /// [`Limits::output_bytes_max`]: super::Limits::output_bytes_max
    pub fn send_capacity(&self) -> usize {
        self.intake.options.limits.output_bytes_max.saturating_sub(self.output.len())
    }

    /// Whether a client can [`open`](Self::open) a stream and send its request now: the connection
    /// lives and no exchange is in progress. A server opens none.
    pub fn can_open(&self) -> bool {
        self.role == Role::Client && !self.last && self.is_idle()
    }

    /// Bytes sent under `stream` and not yet taken as output, framing included: 0 for any other
    /// stream than the one in progress.
    pub fn pending(&self, stream: StreamId) -> usize {
        match &self.exchange {
            Some(exchange) if exchange.stream == stream => self.output.len(),
            Some(_) | None => 0,
        }
    }

    /// Whether `stream` is in progress and should be given more body bytes now.
    pub fn wants_data(&self, stream: StreamId) -> bool {
        let current = self.exchange.as_ref().is_some_and(|exchange| exchange.stream == stream);
        current && self.send_capacity() > 0
    }

    /// Bytes of output not yet taken.
    pub fn output_bytes(&self) -> usize {
        self.output.len()
    }

    /// How often each check found something on this connection.
    pub fn counts(&self) -> &Counts {
        &self.intake.counts
    }

    /// What checks found since this was last asked for.
    pub const fn take_found(&mut self) -> Found {
        let found = self.intake.fresh;
        self.intake.fresh = Found::none();
        found
    }

    /// The severities that hold now.
    pub const fn checks(&self) -> &Checks {
        &self.intake.options.checks
    }

    /// Lets these severities hold for what is looked at from now on: on a client those of the
    /// response that comes next, on a server those of the rest of the request and what follows.
    pub fn set_checks(&mut self, checks: Checks) {
        self.intake.options.checks = checks;
    }

    /// How many bytes of heads and trailers have been looked at, every pass counted: at most two
    /// for each byte of a message that needs no mending, however it was cut.
    pub fn head_bytes_examined(&self) -> u64 {
        self.intake.examined()
    }

    /// Takes bytes from the peer. They are looked at by [`poll_event`](Self::poll_event); body
    /// bytes come out of it as slices of `bytes`.
    pub fn receive(&mut self, bytes: Bytes) {
        match self.receiving {
            // Nobody will look at it.
            Receiving::Closed | Receiving::Failed(_) => {}
            Receiving::Head
            | Receiving::Body(_)
            | Receiving::Ending
            | Receiving::Ended
            | Receiving::Draining { .. }
            | Receiving::Switching
            | Receiving::Tunnel => self.intake.input.push(bytes),
        }
    }

    /// The peer has ended its direction in order: FIN, over TLS after close_notify.
    pub fn receive_eof(&mut self) {
        if self.is_open() {
            self.inflow = Inflow::Ended;
        }
    }

    /// The connection broke off: a read error, or the end of a TLS stream without close_notify.
    /// Other than after [`receive_eof`](Self::receive_eof), a body that lasts until the
    /// connection ends is not complete then (RFC 9112 §8, §9.8).
    pub fn receive_abort(&mut self) {
        self.inflow = Inflow::Broken;
    }

    /// The id for the next request of a client role connection.
    pub fn open(&mut self) -> StreamId {
        let stream = StreamId::new(self.next);
        self.next += 1;
        stream
    }

    /// Lets `stream` deliver this many more body bytes. Without effect on any other stream than
    /// the one in progress. Every message starts with [`Options::credit_bytes`].
    pub fn credit(&mut self, stream: StreamId, bytes: u64) {
        if self.exchange.as_ref().is_some_and(|exchange| exchange.stream == stream) {
            self.credit = self.credit.saturating_add(bytes);
        }
    }

    /// Finishes the exchange in progress and then closes. A response whose head is not yet sent
    /// says so.
    pub fn close_when_idle(&mut self) {
        self.last = true;
        if self.exchange.is_none() && self.close.is_none() {
            self.shut(Close::Graceful);
        }
    }

    /// Moves what is to be written to the end of `output`, in order; says how many bytes it was.
    pub fn poll_output(&mut self, output: &mut Vec<Bytes>) -> usize {
        self.output.move_to(output)
    }

    /// The bytes received but not delivered. After `Upgrade` they are the first of the next
    /// protocol. Output that was not taken is lost: take it first.
    pub fn into_unread(self) -> Bytes {
        self.intake.input.into_bytes()
    }

    /// Ends both directions; a failure goes on to be reported.
    pub(super) fn shut(&mut self, close: Close) {
        if !matches!(self.receiving, Receiving::Failed(_)) {
            self.receiving = Receiving::Closed;
        }
        self.sending = Sending::Closed;
        self.exchange = None;
        self.close = Some(close);
    }

    /// Goes on after one direction has ended: to the next exchange, to draining, or to the end.
    pub(super) fn settle(&mut self) {
        match self.role {
            Role::Server => self.settle_server(),
            Role::Client => self.settle_client(),
        }
    }

    fn settle_server(&mut self) {
        if self.sending != Sending::Ended {
            return;
        }
        let persistent = self.persists();
        let drain_bytes_max = self.intake.options.limits.drain_bytes_max;
        match std::mem::replace(&mut self.receiving, Receiving::Closed) {
            Receiving::Ending | Receiving::Ended if persistent => self.renew(),
            Receiving::Body(body) if persistent && may_drain(&body, drain_bytes_max) => {
                self.receiving = Receiving::Draining { body, left: drain_bytes_max };
            }
            failed @ Receiving::Failed(_) => {
                self.receiving = failed;
                self.shut(Close::Graceful);
            }
            Receiving::Head
            | Receiving::Body(_)
            | Receiving::Ending
            | Receiving::Ended
            | Receiving::Draining { .. }
            | Receiving::Switching
            | Receiving::Tunnel
            | Receiving::Closed => self.shut(Close::Graceful),
        }
    }

    fn settle_client(&mut self) {
        if !matches!(self.receiving, Receiving::Ended) {
            return;
        }
        if !self.persists() {
            self.shut(Close::Graceful);
        } else if self.sending == Sending::Ended {
            self.renew();
        }
    }

    /// Makes ready for the next exchange.
    pub(super) fn renew(&mut self) {
        self.receiving = Receiving::Head;
        self.sending = Sending::Idle;
        self.exchange = None;
        self.credit = 0;
    }

    pub(super) fn is_open(&self) -> bool {
        self.inflow == Inflow::Open
    }

    pub(super) fn persists(&self) -> bool {
        !self.last && self.exchange.as_ref().is_some_and(|exchange| exchange.persistent)
    }
}

fn may_drain(body: &Body, drain_bytes_max: u64) -> bool {
    match body {
        Body::Length(left) => *left <= drain_bytes_max,
        Body::Chunked(_) => true,
        Body::UntilClose => false,
    }
}
