//! A client that waits for the server to speak first: the origin is connected if policy relays what
//! is unknown, and what it says tells the protocol, before a byte of it goes on. A client that
//! speaks after all is looked at like one that has spoken in time.
//!
//! Decided on what is complete on one of the two sides, however it is split.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gateway_h1h2::sniff::{Protocol, Sniff, sniff_greeting};
use gateway_log::{CloseReason, SpliceReason};
use gateway_rules::Gate;

use super::connect::plain_key;
use super::dialing::Then;
use super::peek::{First, Peeking};
use super::{Output, Session, Stage, Wire};
use crate::dial::{Close, OriginId};
use crate::judge::Ruling;

/// What both sides have said so far.
pub(super) struct Greeting {
    pub(super) since: Instant,
    pub(super) origin: OriginId,
    /// What the origin has said.
    bytes: BytesMut,
    /// What the client has said, which is silent as a rule.
    pub(super) client: Peeking,
}

impl Greeting {
    pub(super) fn new(origin: OriginId, client: Peeking, now: Instant) -> Self {
        Self { since: now, origin, bytes: BytesMut::new(), client }
    }
}

impl Session {
    /// Neither side has said a word: the origin may be the one to begin.
    pub(super) fn connect_for_greeting(&mut self) {
        let Some((host, port, replay)) = self.take_peeked() else { return };
        self.dial_inside(plain_key(&host, port), replay, Then::Greet);
    }

    /// The origin that may be the one to begin is connected.
    pub(super) fn await_greeting(&mut self, origin: OriginId, to_client: Vec<Bytes>) {
        let Some(key) = self.origin(origin).map(|origin| origin.key.clone()) else { return };
        let client = Peeking::new(key.host, key.port, to_client, self.now);
        self.stage = Stage::Greeting(Box::new(Greeting::new(origin, client, self.now)));
    }

    /// The origin speaks.
    pub(super) fn on_greeting(&mut self, bytes: &[u8]) {
        let Stage::Greeting(greeting) = &mut self.stage else { return };
        greeting.bytes.extend_from_slice(bytes);
        match sniff_greeting(&greeting.bytes) {
            Sniff::NeedMore => {}
            Sniff::Is(protocol) => self.decide_greeting(Some(protocol)),
            Sniff::Unknown => self.decide_greeting(None),
        }
    }

    /// The origin says no more: what it has said is complete.
    pub(super) fn on_greeting_end(&mut self) {
        let Stage::Greeting(greeting) = &self.stage else { return };
        if greeting.bytes.is_empty() {
            return self.close(CloseReason::OriginClosed, Close::Graceful);
        }
        self.decide_greeting(None);
    }

    /// The client speaks after all. It has its time from now on.
    pub(super) fn on_late_client(&mut self, bytes: &[u8]) {
        let Stage::Greeting(greeting) = &mut self.stage else { return };
        if greeting.client.is_silent() {
            greeting.since = self.now;
        }
        match greeting.client.push(bytes) {
            First::NeedMore => {}
            First::Hello(hello) => {
                self.look_into_client();
                self.on_hello(&hello);
            }
            First::Http(protocol) => {
                self.look_into_client();
                self.on_plain_http(protocol);
            }
            First::Other(protocol) => self.decide_greeting(Some(protocol)),
            First::Broken => self.refuse_tunnel(CloseReason::ClientTlsError),
            First::Unknown => self.decide_greeting(None),
        }
    }

    /// The client says no more: what it has said is complete.
    pub(super) fn on_late_client_end(&mut self) {
        let Stage::Greeting(greeting) = &self.stage else { return };
        if greeting.client.is_silent() || greeting.client.has_begun_tls() {
            return self.close(CloseReason::ClientClosed, Close::Graceful);
        }
        self.decide_greeting(None);
    }

    /// What the client speaks can be looked into: the origin that was to speak first is let go, and
    /// nothing that it has said goes on.
    fn look_into_client(&mut self) {
        let Stage::Greeting(greeting) = std::mem::replace(&mut self.stage, Stage::Closed) else {
            return;
        };
        let Greeting { origin, client, .. } = *greeting;
        self.origins.retain(|other| other.id != origin);
        self.emit(Output::Close(Wire::Origin(origin), Close::Abort));
        self.stage = Stage::Peeking(Box::new(client));
    }

    /// Neither side has said enough in time.
    pub(super) fn on_greeting_overdue(&mut self) {
        let Stage::Greeting(greeting) = &self.stage else { return };
        if greeting.client.has_begun_tls() {
            return self.refuse_tunnel(CloseReason::ClientIdleTimeout);
        }
        self.decide_greeting(None);
    }

    /// All is known that will be: the rules decide on the relay.
    fn decide_greeting(&mut self, protocol: Option<Protocol>) {
        if let Some(protocol) = protocol {
            self.note_detection(protocol);
        }
        let policy = self.policy.clone();
        crate::facts::client_hello(&policy, &mut self.judge.facts, None);
        let why = match self.judge.ask(Gate::Tunnel) {
            Ruling::Refuse(refusal) => {
                self.note_refusal(&refusal);
                return self.close(CloseReason::ProxyConnRefused, Close::Graceful);
            }
            Ruling::DoNotInspect(rule) => {
                self.note_do_not_inspect(&rule);
                SpliceReason::DoNotInspect
            }
            Ruling::Proceed(_) | Ruling::Wait => SpliceReason::NotTls,
        };
        if !matches!(self.stage, Stage::Greeting(_)) {
            return;
        }
        let Stage::Greeting(greeting) = std::mem::replace(&mut self.stage, Stage::Closed) else {
            return;
        };
        let Greeting { origin, bytes, client, .. } = *greeting;
        let (mut to_client, from_client) = client.into_parts();
        to_client.push(bytes.freeze());
        self.splice(origin, to_client, from_client, why);
    }
}
