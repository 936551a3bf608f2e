//! One origin connection: its codec and what it is doing.

mod lane;
mod link;
mod open;

use std::net::IpAddr;

use bytes::Bytes;
use gateway_h1h2::h1::{Checks, Found};
use gateway_h1h2::{
    Codec, CodecError, Event, PathAndQuery, RequestHead, StreamId, Target, Version,
};
use http::Method;

use self::lane::Lane;
pub use self::lane::{LaneInput, LaneReport};
use self::link::Link;
use self::open::Open;
use crate::dial::{Close, Dialed, OriginId, Resting};
use crate::key::OriginKey;
use crate::strictness::Relaxed;

/// An origin connection of a session. HTTP/1.1 carries one exchange at a time, HTTP/2 many.
pub(crate) struct Origin {
    pub(crate) id: OriginId,
    pub(crate) key: OriginKey,
    /// What it did wrong last, for the record.
    fault: Option<CodecError>,
    state: State,
}

enum State {
    /// The driver is connecting for these streams of the client, as far as they still wait.
    Dialing(Vec<Waiting>),
    /// Connected.
    Open(Box<Open>),
    /// Nothing more is read or written.
    Closed,
}

/// A stream of the client that waits for a connection.
pub(crate) struct Waiting {
    pub(crate) stream: StreamId,
    /// The only addresses that will do for it, if there are any.
    pub(crate) addresses: Vec<IpAddr>,
}

/// Whether `stream` can be given more body bytes before what it was given has left. One whose head
/// is still to be sent holds nothing back.
pub(crate) fn has_room(codec: &Codec, stream: StreamId) -> bool {
    match codec {
        Codec::H1(codec) => codec.send_capacity() > 0,
        Codec::H2(codec) => codec.pending(stream) == 0 || codec.wants_data(stream),
    }
}

impl Origin {
    /// A connection that the driver was asked for.
    pub(crate) fn dialing(id: OriginId, key: OriginKey, waiting: Option<Waiting>) -> Self {
        Self { id, key, fault: None, state: State::Dialing(waiting.into_iter().collect()) }
    }

    // Getters.

    /// Whether it is connected and nothing is in progress on it.
    pub(crate) fn is_idle(&self) -> bool {
        match &self.state {
            State::Open(open) => open.is_idle(),
            State::Dialing(_) | State::Closed => false,
        }
    }

    /// Whether it could carry one more exchange now.
    pub(crate) fn can_take(&self) -> bool {
        match &self.state {
            State::Open(open) => open.can_take(),
            State::Dialing(_) | State::Closed => false,
        }
    }

    /// Whether it leads to one of `addresses`; where there are none, any will do.
    pub(crate) fn is_at(&self, addresses: &[IpAddr]) -> bool {
        match &self.state {
            State::Open(open) => addresses.is_empty() || addresses.contains(&open.dialed.peer.ip()),
            State::Dialing(_) | State::Closed => addresses.is_empty(),
        }
    }

    /// The version of HTTP that it speaks, once it is connected.
    pub(crate) fn version(&self) -> Option<Version> {
        match &self.state {
            State::Open(open) => Some(open.link.version()),
            State::Dialing(_) | State::Closed => None,
        }
    }

    /// Whether it is still being connected.
    pub(crate) const fn is_dialing(&self) -> bool {
        matches!(self.state, State::Dialing(_))
    }

    /// Whether no exchange is in progress.
    pub(crate) fn is_unused(&self) -> bool {
        match &self.state {
            State::Open(open) => open.is_unused(),
            State::Dialing(waiting) => waiting.is_empty(),
            State::Closed => true,
        }
    }

    /// What the driver said of it, for the next exchange over it.
    pub(crate) fn dialed_again(&self) -> Option<Dialed> {
        match &self.state {
            State::Open(open) => Some(Dialed {
                reused: true,
                connect: std::time::Duration::ZERO,
                ..open.dialed.clone()
            }),
            State::Dialing(_) | State::Closed => None,
        }
    }

    /// Whether bytes should be read from it.
    pub(crate) fn wants_input(&self) -> bool {
        match &self.state {
            State::Open(open) => open.wants_input(),
            State::Dialing(_) | State::Closed => false,
        }
    }

    /// Whether there is room for more body bytes of the exchange of the client's `stream`.
    pub(crate) fn wants_data(&self, stream: StreamId) -> bool {
        match &self.state {
            State::Open(open) => open.own(stream).is_none_or(|own| open.link.has_room(own)),
            State::Dialing(_) | State::Closed => true,
        }
    }

    /// Bytes of the exchange of the client's `stream` that wait to be taken.
    pub(crate) fn pending(&self, stream: StreamId) -> usize {
        match &self.state {
            State::Open(open) => open.own(stream).map_or(0, |own| open.link.pending(own)),
            State::Dialing(_) | State::Closed => 0,
        }
    }

    /// Whether it must be closed: it failed, was cut, or the origin will take no more.
    pub(crate) fn must_close(&self) -> Option<Close> {
        match &self.state {
            State::Open(open) => open.must_close(),
            State::Dialing(_) | State::Closed => None,
        }
    }

    // What comes from outside.

    /// The driver has connected it. Gives the streams that wait.
    pub(crate) fn opened(&mut self, dialed: Dialed, codec: Codec) -> Vec<Waiting> {
        self.linked(dialed, Link::Codec(Box::new(codec)))
    }

    /// The driver has found a place on a connection that others use too. Gives the streams that
    /// wait.
    pub(crate) fn shared(&mut self, dialed: Dialed) -> Vec<Waiting> {
        self.linked(dialed, Link::Lane(Lane::default()))
    }

    fn linked(&mut self, dialed: Dialed, link: Link) -> Vec<Waiting> {
        let waiting = self.take_waiting();
        self.state = State::Open(Box::new(Open::new(link, dialed)));
        waiting
    }

    /// Takes the streams that wait for the connection.
    pub(crate) fn take_waiting(&mut self) -> Vec<Waiting> {
        match &mut self.state {
            State::Dialing(waiting) => std::mem::take(waiting),
            State::Open(_) | State::Closed => Vec::new(),
        }
    }

    /// One more stream waits for the connection.
    pub(crate) fn join(&mut self, one: Waiting) {
        if let State::Dialing(waiting) = &mut self.state {
            waiting.push(one);
        }
    }

    /// So many milliseconds have passed.
    pub(crate) fn advance(&mut self, elapsed_ms: u64) {
        if let State::Open(open) = &mut self.state {
            open.link.advance(elapsed_ms);
        }
    }

    /// Bytes have come; `None` stands for their end.
    pub(crate) fn receive(&mut self, bytes: Option<Bytes>) {
        if let State::Open(open) = &mut self.state {
            open.link.receive(bytes);
        }
    }

    /// The request of `stream` will come over this connection; it is not for others until then.
    pub(crate) fn promise(&mut self, stream: StreamId) {
        if let State::Open(open) = &mut self.state {
            open.promise(stream);
        }
    }

    /// The stream that waited, or was served, does no more.
    pub(crate) fn forget(&mut self, stream: StreamId) {
        match &mut self.state {
            State::Dialing(waiting) => waiting.retain(|one| one.stream != stream),
            State::Open(open) => open.forget(stream),
            State::Closed => {}
        }
    }

    // Commands.

    /// Lets the checks be as `relaxed` has them for the response that comes next, or else as `usual`.
    pub(crate) fn relax(&mut self, relaxed: &Relaxed, usual: &Checks) {
        if let State::Open(open) = &mut self.state {
            open.relax(relaxed, usual);
        }
    }

    /// Sends an event of the exchange of the client's `stream`.
    pub(crate) fn send(&mut self, stream: StreamId, event: Event) {
        if let State::Open(open) = &mut self.state {
            open.send(stream, event);
        }
    }

    /// The request of the client's `stream` was made otherwise; its response comes here.
    pub(crate) fn has_been_asked(&mut self, stream: StreamId) {
        let mut head = RequestHead::new(Method::GET, Target::Origin(PathAndQuery::ROOT));
        let named = head.fields.append("Host", "a");
        debug_assert!(named.is_ok(), "a name");
        self.send(stream, Event::RequestHead(Box::new(head)));
        self.send(stream, Event::End);
        self.poll_output(&mut Vec::new());
    }

    /// Lets the origin send so many more body bytes.
    pub(crate) fn credit(&mut self, stream: StreamId, bytes: u64) {
        if let State::Open(open) = &mut self.state
            && let Some(own) = open.own(stream)
        {
            open.link.credit(own, bytes);
        }
    }

    /// What it must not lose in the pool.
    pub(crate) fn into_resting(self) -> Option<Resting> {
        match self.state {
            State::Open(open) => open.link.into_resting(),
            State::Dialing(_) | State::Closed => None,
        }
    }

    /// Nothing more is read or written. Gives what had come after an upgrade.
    pub(crate) fn close(&mut self) -> Bytes {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open(open) => open.link.into_unread(),
            State::Dialing(_) | State::Closed => Bytes::new(),
        }
    }

    /// The connection that it shares says something of an exchange.
    pub(crate) fn report(&mut self, own: StreamId, report: LaneReport) {
        if let State::Open(open) = &mut self.state
            && let Link::Lane(lane) = &mut open.link
        {
            lane.receive(own, report);
        }
    }

    // What goes out.

    /// What the connection that it shares is to be told next.
    pub(crate) fn poll_lane(&mut self) -> Option<(StreamId, LaneInput)> {
        match &mut self.state {
            State::Open(open) => match &mut open.link {
                Link::Lane(lane) => lane.poll_input(),
                Link::Codec(_) => None,
            },
            State::Dialing(_) | State::Closed => None,
        }
    }

    /// The next event of a response in progress, with the stream of the client that it is for.
    pub(crate) fn poll_event(&mut self) -> Option<(StreamId, Event)> {
        let State::Open(open) = &mut self.state else { return None };
        open.poll_event(&mut self.fault)
    }

    /// What checks have found since this was last asked for, and those checks.
    pub(crate) fn take_found(&mut self) -> Option<(Found, Checks)> {
        let State::Open(open) = &mut self.state else { return None };
        open.link.take_found()
    }

    /// What it has done wrong, said once.
    pub(crate) fn take_fault(&mut self) -> Option<CodecError> {
        self.fault.take()
    }

    /// Moves what is to be written to the end of `out`.
    pub(crate) fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        match &mut self.state {
            State::Open(open) => open.link.poll_output(out),
            State::Dialing(_) | State::Closed => 0,
        }
    }
}
