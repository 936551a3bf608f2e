//! A client that waits for the server to speak first: the origin is connected if policy relays what
//! is unknown, and what it says tells the protocol, before a byte of it goes on.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gateway_h1h2::sniff::{Protocol, Sniff, sniff_greeting, sniff_stream};
use gateway_log::{CloseReason, SpliceReason};
use gateway_rules::Gate;

use super::connect::{Then, plain_key};
use super::{Session, Stage};
use crate::dial::{Close, OriginId};
use crate::judge::Ruling;

/// What the origin has said so far.
pub(super) struct Greeting {
    pub(super) since: Instant,
    pub(super) to_client: Vec<Bytes>,
    pub(super) origin: OriginId,
    bytes: BytesMut,
}

impl Greeting {
    pub(super) fn new(origin: OriginId, to_client: Vec<Bytes>, now: Instant) -> Self {
        Self { since: now, to_client, origin, bytes: BytesMut::new() }
    }
}

impl Session {
    /// Neither side has said a word: the origin may be the one to begin.
    pub(super) fn connect_for_greeting(&mut self) {
        let Some((host, port, replay)) = self.take_peeked() else { return };
        self.dial_inside(plain_key(&host, port), replay, Then::Greet);
    }

    /// The origin speaks.
    pub(super) fn on_greeting(&mut self, bytes: &[u8]) {
        let Stage::Greeting(greeting) = &mut self.stage else { return };
        greeting.bytes.extend_from_slice(bytes);
        match sniff_greeting(&greeting.bytes) {
            Sniff::NeedMore => {}
            Sniff::Is(protocol) => self.decide_greeting(Some(protocol), Bytes::new()),
            Sniff::Unknown => self.decide_greeting(None, Bytes::new()),
        }
    }

    /// The client speaks after all. TLS that begins so late is not looked into any more, and so not
    /// let through.
    pub(super) fn on_late_client(&mut self, bytes: Bytes) {
        match sniff_stream(&bytes) {
            _ if bytes.first() == Some(&0x16) => {
                self.close(CloseReason::ClientTlsError, Close::Graceful);
            }
            Sniff::Is(protocol) => self.decide_greeting(Some(protocol), bytes),
            Sniff::NeedMore | Sniff::Unknown => self.decide_greeting(None, bytes),
        }
    }

    /// All is known that will be: the rules decide on the relay.
    pub(super) fn decide_greeting(&mut self, protocol: Option<Protocol>, from_client: Bytes) {
        if let Some(protocol) = protocol {
            self.note_detection(protocol);
        }
        let policy = self.policy.clone();
        crate::facts::client_hello(&policy.rules, &mut self.judge.facts, None);
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
        let Greeting { mut to_client, origin, bytes, .. } = *greeting;
        to_client.push(bytes.freeze());
        self.splice(origin, to_client, from_client, why);
    }
}
