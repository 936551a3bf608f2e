//! CONNECT over HTTP/2: a stream that is a connection itself, with a session of its own. An
//! extended one that asks for a WebSocket (RFC 8441), or for datagrams to be relayed (RFC 9298),
//! becomes the request of HTTP/1.1.
//!
//! Everything that is decided about the tunnel is decided by the inner session, which the driver
//! runs over a stream in memory; this is the client at the other end of it. It asks for the tunnel
//! in HTTP/1.1, passes the answer on, and relays bytes once the answer is good.

mod asks;

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::ws::{self};
use gateway_h1h2::{
    BodySize, Codec, Event, RequestHead, ResetReason, ResponseHead, Scheme, StreamId, Version, h1,
};
use http::StatusCode;

use self::asks::{Asks, datagrams_request, tunnel_request};
use super::exchange::WARNINGS_MAX;
use super::interface::Within;
use super::{Accepted, Branch, Output, Proxying, Session, Stage, Wire};
use crate::dial::{Close, OriginId};
use crate::transaction::Leg;
use crate::tunnel::Tunnel;

/// A stream of the client that is a connection itself.
pub(super) struct Branching {
    pub(super) stream: StreamId,
    id: OriginId,
    state: State,
    asks: Asks,
    /// Bytes taken in from the client for which it has not got credit back yet.
    owed: u64,
    since: Instant,
    idle: Duration,
}

enum State {
    /// The inner session is asked for the tunnel.
    Asking(Box<h1::Connection>),
    /// It stands.
    Relaying(Box<Tunnel>),
}

impl Branching {
    /// The name of the outer end of the stream in memory.
    pub(super) const fn id(&self) -> OriginId {
        self.id
    }

    /// Whether bytes should be read from the inner session.
    pub(super) fn wants_input(&self) -> bool {
        match &self.state {
            State::Asking(codec) => codec.wants_input(),
            State::Relaying(tunnel) => tunnel.wants(Leg::Origin),
        }
    }

    /// When it ends for want of bytes.
    pub(super) fn deadline(&self) -> Instant {
        match &self.state {
            State::Asking(_) => self.since + self.idle,
            State::Relaying(tunnel) => tunnel.deadline(),
        }
    }

    /// Moves what is to be written to the inner session to the end of `out`.
    pub(super) fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        match &mut self.state {
            State::Asking(codec) => codec.poll_output(out),
            State::Relaying(tunnel) => tunnel.poll_output(Leg::Origin, out),
        }
    }

    /// Whether the client can be given credit for what was taken in.
    fn has_credit_to_give(&self) -> bool {
        let room = match &self.state {
            State::Asking(_) => false,
            State::Relaying(tunnel) => tunnel.wants(Leg::Client),
        };
        room && self.owed > 0
    }

    /// The inner session has agreed: bytes are relayed from here on.
    fn begin_relay(&mut self, now: Instant) {
        let relaying = State::Relaying(Box::new(Tunnel::new(self.idle, now)));
        let State::Asking(codec) = std::mem::replace(&mut self.state, relaying) else { return };
        if let State::Relaying(tunnel) = &mut self.state {
            tunnel.handle(Leg::Origin, codec.into_unread(), now);
        }
    }
}

impl Session {
    /// Begins at the inner end of a stream of another session.
    #[must_use]
    pub fn within(branch: Branch, now: Instant) -> Self {
        let mut session = Self::new(branch.accepted, now);
        let Some(within) = branch.within else { return session };
        let Within { stream, inside, facts, client, inspection } = *within;
        session.judge.facts = facts;
        session.inside = inside;
        session.outer = Some(stream);
        if let Some(record) = &mut session.record {
            record.client = client;
            record.inspection = inspection;
        }
        let options = super::options(&session.policy, Scheme::Http);
        let codec = Codec::server(Version::Http11, options);
        session.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, now)));
        session
    }

    pub(super) fn branch(&self, id: OriginId) -> Option<&Branching> {
        self.branches.iter().find(|branch| branch.id == id)
    }

    pub(super) fn branch_mut(&mut self, id: OriginId) -> Option<&mut Branching> {
        self.branches.iter_mut().find(|branch| branch.id == id)
    }

    fn branch_of(&mut self, stream: StreamId) -> Option<&mut Branching> {
        self.branches.iter_mut().find(|branch| branch.stream == stream)
    }

    /// Has a session of its own run for a stream that asks for a tunnel, or for a WebSocket.
    pub(super) fn branch_off(&mut self, stream: StreamId, head: &RequestHead) {
        let key = ws::derived_key(format!("{}.{stream}", self.id).as_bytes());
        let asked = match &head.protocol {
            None => Ok(tunnel_request(head)),
            Some(name) if name.eq_ignore_ascii_case(b"websocket") => {
                self.websocket_request(head, &key)
            }
            Some(name) if self.relays_datagrams_for(name) => datagrams_request(head),
            Some(_) => Err((StatusCode::NOT_IMPLEMENTED, "This protocol is not relayed.")),
        };
        let mut codec = h1::Connection::client(super::options(&self.policy, Scheme::Http).h1);
        let own = codec.open();
        let sent = asked.and_then(|(head, asks)| {
            codec
                .send(own, Event::RequestHead(Box::new(head)))
                .and_then(|()| codec.send(own, Event::End))
                .map(|()| asks)
                .map_err(|_| (StatusCode::BAD_REQUEST, "It cannot be asked for like this."))
        });
        let asks = match sent {
            Ok(asks) => asks,
            Err((status, detail)) => {
                let title = status.canonical_reason().unwrap_or("Bad request");
                return self.answer(stream, head, status, title, detail);
            }
        };
        let within = match &asks {
            Asks::Tunnel | Asks::Datagrams => None,
            Asks::WebSocket(_) => Some(Box::new(self.as_within(stream))),
        };
        let id = self.next_origin();
        self.branches.push(Branching {
            stream,
            id,
            state: State::Asking(Box::new(codec)),
            asks,
            owed: 0,
            since: self.now,
            idle: self.policy.settings.timeouts.tunnel_idle,
        });
        let accepted = Accepted {
            policy: self.policy.clone(),
            clock: self.clock,
            client: self.client,
            id: format!("{}.{stream}", self.id),
            known: self.known.clone(),
        };
        self.emit(Output::Branch(Box::new(Branch { id, accepted, within })));
    }

    /// What a session begins with that goes on inside of this one.
    fn as_within(&self, stream: StreamId) -> Within {
        let record = self.record.as_deref().cloned().unwrap_or_default();
        Within {
            stream,
            inside: self.inside.clone(),
            facts: self.judge.facts.clone(),
            client: record.client,
            inspection: record.inspection,
        }
    }

    /// The client's codec has delivered something on what may be the stream of a branch.
    pub(super) fn on_branch_event(&mut self, stream: StreamId, event: Event) {
        let now = self.now;
        let Some(branch) = self.branch_of(stream) else { return };
        match (&mut branch.state, event) {
            (State::Relaying(tunnel), Event::Data(bytes)) => {
                branch.owed += bytes.len() as u64;
                tunnel.handle(Leg::Client, bytes, now);
            }
            (State::Relaying(tunnel), Event::End) => tunnel.end(Leg::Client),
            (_, Event::Reset(_) | Event::Retry) => self.drop_branch(stream, Close::Abort),
            // The end of the request that asks for the tunnel, and that it stands.
            _ => {}
        }
    }

    pub(super) fn on_branch_bytes(&mut self, id: OriginId, bytes: Bytes) {
        let now = self.now;
        match self.branch_mut(id).map(|branch| &mut branch.state) {
            Some(State::Asking(codec)) => codec.receive(bytes),
            Some(State::Relaying(tunnel)) => tunnel.handle(Leg::Origin, bytes, now),
            None => {}
        }
    }

    pub(super) fn on_branch_end(&mut self, id: OriginId) {
        match self.branch_mut(id).map(|branch| &mut branch.state) {
            Some(State::Asking(codec)) => codec.receive_eof(),
            Some(State::Relaying(tunnel)) => tunnel.end(Leg::Origin),
            None => {}
        }
    }

    /// The inner session has no place: the stream is told to come again (RFC 9110 §15.6.4).
    pub(super) fn on_crowded(&mut self, id: OriginId) {
        let Some(stream) = self.branch(id).map(|branch| branch.stream) else { return };
        let mut head = ResponseHead::new(StatusCode::SERVICE_UNAVAILABLE);
        let _ = head.fields.append("Retry-After", "1");
        head.body = BodySize::Empty;
        self.send_to_client(stream, Event::ResponseHead(Box::new(head)));
        self.send_to_client(stream, Event::End);
        if let Some(record) = &mut self.record
            && record.warnings.len() < WARNINGS_MAX
        {
            record.warnings.push("a tunnel was refused: too many connections".into());
        }
        self.drop_branch(stream, Close::Abort);
    }

    /// The inner session has broken off: so does the stream.
    pub(super) fn on_branch_gone(&mut self, id: OriginId) {
        if let Some(stream) = self.branch(id).map(|branch| branch.stream) {
            self.cut_branch(stream);
        }
    }

    /// Moves what there is between the streams of branches and their sessions; whether there was
    /// anything.
    pub(super) fn pump_branches(&mut self) -> bool {
        let mut moved = false;
        let streams: Vec<StreamId> = self.branches.iter().map(|branch| branch.stream).collect();
        for stream in streams {
            while self.pump_answer(stream) {
                moved = true;
            }
            moved |= self.pump_branch(stream);
        }
        moved
    }

    /// Passes one event of the answer to CONNECT on.
    fn pump_answer(&mut self, stream: StreamId) -> bool {
        let now = self.now;
        let Some(branch) = self.branch_of(stream) else { return false };
        let State::Asking(codec) = &mut branch.state else { return false };
        match codec.poll_event() {
            Ok(None) => return false,
            Ok(Some((_, Event::Upgrade))) => branch.begin_relay(now),
            Ok(Some((_, Event::ResponseHead(head)))) => match branch.asks.answer(*head) {
                Ok(head) => self.send_to_client(stream, Event::ResponseHead(Box::new(head))),
                Err(status) => {
                    let head = Event::ResponseHead(Box::new(ResponseHead::new(status)));
                    self.send_to_client(stream, head);
                    self.send_to_client(stream, Event::End);
                    self.drop_branch(stream, Close::Abort);
                }
            },
            Ok(Some((_, event @ (Event::End | Event::Reset(_))))) => {
                self.send_to_client(stream, event);
                self.drop_branch(stream, Close::Graceful);
            }
            Ok(Some((own, event))) => {
                if let Event::Data(bytes) = &event {
                    codec.credit(own, bytes.len() as u64);
                }
                self.send_to_client(stream, event);
            }
            Err(_) => self.cut_branch(stream),
        }
        true
    }

    /// Relays what has come from the inner session, and gives the client credit.
    fn pump_branch(&mut self, stream: StreamId) -> bool {
        let Stage::Proxying(proxying) = &mut self.stage else { return false };
        let Some(branch) = self.branches.iter_mut().find(|branch| branch.stream == stream) else {
            return false;
        };
        let credit = if branch.has_credit_to_give() { std::mem::take(&mut branch.owed) } else { 0 };
        if credit > 0 {
            proxying.codec.credit(stream, credit);
        }
        let State::Relaying(tunnel) = &mut branch.state else { return credit > 0 };
        let mut pieces = Vec::new();
        if proxying.codec.wants_data(stream) {
            tunnel.poll_output(Leg::Client, &mut pieces);
        }
        let mut sent = Ok(());
        let moved = credit > 0 || !pieces.is_empty();
        for piece in pieces {
            sent = sent.and_then(|()| proxying.codec.send(stream, Event::Data(piece)));
        }
        let (id, ends) = (branch.id, tunnel.poll_shutdown(Leg::Client));
        if ends {
            sent = sent.and_then(|()| proxying.codec.send(stream, Event::End));
        }
        if tunnel.poll_shutdown(Leg::Origin) {
            self.out.push_back(Output::Shutdown(Wire::Origin(id)));
        }
        if sent.is_err() {
            self.cut_branch(stream);
        } else if tunnel.is_done() {
            self.drop_branch(stream, Close::Graceful);
        }
        moved
    }

    /// Whether some branch can go on since output was taken.
    pub(super) fn has_branch_to_pump(&self) -> bool {
        let Stage::Proxying(proxying) = &self.stage else { return false };
        self.branches.iter().any(|branch| {
            let waits = match &branch.state {
                State::Asking(_) => false,
                State::Relaying(tunnel) => tunnel.has_output(Leg::Client),
            };
            branch.has_credit_to_give() || (waits && proxying.codec.wants_data(branch.stream))
        })
    }

    /// Ends branches in which nothing has moved for too long.
    pub(super) fn end_silent_branches(&mut self) {
        let silent = self.branches.iter().filter(|branch| branch.deadline() <= self.now);
        let silent: Vec<StreamId> = silent.map(|branch| branch.stream).collect();
        for stream in silent {
            self.cut_branch(stream);
        }
    }

    /// Breaks all branches off.
    pub(super) fn cut_branches(&mut self) {
        while let Some(stream) = self.branches.first().map(|branch| branch.stream) {
            self.cut_branch(stream);
        }
    }

    /// Breaks a branch off at both ends.
    pub(super) fn cut_branch(&mut self, stream: StreamId) {
        self.send_to_client(stream, Event::Reset(ResetReason::Cancelled));
        self.drop_branch(stream, Close::Abort);
    }

    fn drop_branch(&mut self, stream: StreamId, close: Close) {
        let Some(index) = self.branches.iter().position(|branch| branch.stream == stream) else {
            return;
        };
        let branch = self.branches.remove(index);
        self.emit(Output::Close(Wire::Origin(branch.id), close));
        if let Stage::Proxying(proxying) = &mut self.stage {
            proxying.since = self.now;
        }
    }
}
