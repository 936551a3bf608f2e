//! The first bytes of a tunnel: what they are, and what follows from it.
//!
//! Decided only on what is complete: a ClientHello however it is split, the method of a
//! request, or what another protocol begins with. When the time runs out the protocol is unknown, and unknown is never let through
//! unless policy says so; what has begun as TLS is not let through even then.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gateway_h1h2::sniff::{Protocol, Sniff, sniff_stream};
use gateway_log::{CloseReason, SpliceReason};
use gateway_rules::Gate;
use gateway_tls::{ClientHello, ClientHelloPeek, Peek};

use super::connect::{inside, plain_key};
use super::dialing::Then;
use super::exchange::Inside;
use super::preface::{Idle, Preface};
use super::{Proxying, Session, Stage};
use crate::dial::{Close, Sharing};
use crate::judge::Ruling;
use crate::key::{OriginKey, Security, TenantId, literal};
use crate::policy::{AuthorityMismatch, UnknownProtocol};

/// The first bytes of a tunnel, so far.
pub(super) struct Peeking {
    pub(super) since: Instant,
    pub(super) to_client: Vec<Bytes>,
    host: String,
    port: u16,
    hello: ClientHelloPeek,
    bytes: BytesMut,
}

/// What the first bytes are.
pub(super) enum First {
    NeedMore,
    Hello(Box<ClientHello>),
    /// HTTP in the clear, of either version.
    Http(Protocol),
    /// Another known protocol.
    Other(Protocol),
    /// It begins as TLS and goes on as nothing.
    Broken,
    Unknown,
}

impl Peeking {
    pub(super) fn new(host: String, port: u16, to_client: Vec<Bytes>, now: Instant) -> Self {
        Self {
            since: now,
            to_client,
            host,
            port,
            hello: ClientHelloPeek::default(),
            bytes: BytesMut::new(),
        }
    }

    /// Whether nothing has come.
    pub(super) fn is_silent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether it may be TLS, which is not let through unseen.
    pub(super) fn has_begun_tls(&self) -> bool {
        self.bytes.first() == Some(&0x16)
    }

    /// What the client is still to be sent, and what it has said.
    pub(super) fn into_parts(self) -> (Vec<Bytes>, Bytes) {
        (self.to_client, self.bytes.freeze())
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> First {
        self.bytes.extend_from_slice(bytes);
        match self.hello.push(bytes) {
            Peek::NeedMore => First::NeedMore,
            Peek::Hello(hello) => First::Hello(hello),
            Peek::Malformed(_) => First::Broken,
            Peek::NotTls => told(sniff_stream(&self.bytes)),
        }
    }
}

fn told(sniff: Sniff) -> First {
    match sniff {
        Sniff::NeedMore => First::NeedMore,
        Sniff::Is(protocol @ (Protocol::Http1 | Protocol::Http2)) => First::Http(protocol),
        Sniff::Is(protocol) => First::Other(protocol),
        Sniff::Unknown => First::Unknown,
    }
}

impl Session {
    /// The next of the first bytes.
    pub(super) fn on_peeked(&mut self, bytes: &[u8]) {
        let Stage::Peeking(peeking) = &mut self.stage else { return };
        match peeking.push(bytes) {
            First::NeedMore => {}
            First::Hello(hello) => self.on_hello(&hello),
            First::Http(protocol) => self.on_plain_http(protocol),
            First::Other(protocol) => self.on_other_protocol(protocol),
            First::Broken => self.refuse_tunnel(CloseReason::ClientTlsError),
            First::Unknown => self.on_unknown_protocol(),
        }
    }

    /// The first bytes did not come, or not all.
    pub(super) fn on_silence(&mut self) {
        let Stage::Peeking(peeking) = &self.stage else { return };
        if peeking.has_begun_tls() {
            return self.refuse_tunnel(CloseReason::ClientIdleTimeout);
        }
        let relays = self.policy.settings.unknown_protocol == UnknownProtocol::Relay;
        if peeking.is_silent() && relays {
            return self.connect_for_greeting();
        }
        self.on_unknown_protocol();
    }

    /// The client says no more: what it has said is complete.
    pub(super) fn on_peeked_end(&mut self) {
        let Stage::Peeking(peeking) = &self.stage else { return };
        if peeking.is_silent() || peeking.has_begun_tls() {
            return self.close(CloseReason::ClientClosed, Close::Graceful);
        }
        self.client_ended.get_or_insert(self.now);
        self.on_unknown_protocol();
    }

    pub(super) fn on_hello(&mut self, hello: &ClientHello) {
        let policy = self.policy.clone();
        self.note_detection(Protocol::Tls);
        crate::facts::client_hello(&policy, &mut self.judge.facts, Some(hello));
        let Some((host, port, replay)) = self.take_peeked() else { return };
        let sni = hello.sni.clone();
        let name = sni.clone().unwrap_or_else(|| host.clone());
        let by_address = literal(&host).is_some();
        let differs = !by_address && name != host;
        if let Some(record) = &mut self.record {
            record.client.sni = name_or_empty(sni.as_deref()).into();
            record.client.ja4 = hello.ja4.as_str().into();
            record.decision.authority_mismatch = Some(differs);
        }
        // Whoever says one name to us and another to the origin is not left alone for either.
        let may_be_left_alone =
            !differs || self.policy.settings.authority_mismatch == AuthorityMismatch::Allow;
        let key = OriginKey {
            tenant: TenantId::default(),
            security: Security::Tls {
                server_name: name.clone(),
                alpn: self.policy.settings.http2.for_origin_of(&hello.alpn),
                verified_by: self.policy.generation,
            },
            host: host.clone(),
            port,
        };
        // Who offers HTTP/2 will have many streams.
        let many = policy.settings.http2.is_agreed_with(&hello.alpn);
        let sharing = if many { Sharing::Alone } else { Sharing::Shared };
        self.inside = Some(Inside { sharing, ..inside(key.clone(), sni) });
        match self.judge.ask(Gate::Tunnel) {
            Ruling::Refuse(refusal) => self.refuse_inside(refusal, name, replay),
            Ruling::DoNotInspect(rule) if may_be_left_alone => {
                self.note_do_not_inspect(&rule);
                let then = Then::Splice(SpliceReason::DoNotInspect);
                self.dial_inside(plain_key(&host, port), replay, then);
            }
            Ruling::DoNotInspect(rule) => {
                if let Some(record) = &mut self.record {
                    let said = format!(
                        "inspected in spite of rule `{}`: the name in the ClientHello is not the host of CONNECT",
                        rule.id
                    );
                    record.warnings.push(said.into());
                }
                self.dial_inside(key, replay, Then::Inspect(name));
            }
            Ruling::Proceed(_) | Ruling::Wait => {
                self.dial_inside(key, replay, Then::Inspect(name));
            }
        }
    }

    /// A client that speaks HTTP in the clear inside CONNECT is looked at like any other.
    pub(super) fn on_plain_http(&mut self, protocol: Protocol) {
        self.note_detection(protocol);
        if !self.close_client_hello() {
            return;
        }
        let Some((host, port, replay)) = self.take_peeked() else { return };
        if let Some(record) = &mut self.record {
            record.inspection.interception = Some(gateway_log::Interception::Inspected);
        }
        self.inside = Some(inside(plain_key(&host, port), None));
        let to_client = self.take_pending();
        let mut proxying = Proxying::new(&self.policy, self.now);
        proxying.preface = Preface::expected(&self.policy);
        proxying.before = to_client;
        proxying.receive(replay, &self.policy, Idle::Yes, self.now);
        if self.client_ended.is_some() {
            proxying.receive_eof();
        }
        self.stage = Stage::Proxying(Box::new(proxying));
    }

    /// A protocol that has a name and cannot be looked into: rules may know it, else it is one of
    /// the unknown ones.
    fn on_other_protocol(&mut self, protocol: Protocol) {
        self.note_detection(protocol);
        self.on_unknown_protocol();
    }

    pub(super) fn note_detection(&mut self, protocol: Protocol) {
        let policy = self.policy.clone();
        crate::facts::flow::detection(&policy.rules, &mut self.judge.facts, Some(protocol));
        if let Some(record) = &mut self.record {
            record.client.detected_protocol = protocol.as_str().into();
        }
    }

    fn on_unknown_protocol(&mut self) {
        if !self.close_client_hello() {
            return;
        }
        match self.policy.settings.unknown_protocol {
            UnknownProtocol::Refuse => self.refuse_tunnel(CloseReason::ProxyConnRefused),
            UnknownProtocol::Relay => {
                let Some((host, port, replay)) = self.take_peeked() else { return };
                let then = Then::Splice(SpliceReason::NotTls);
                self.dial_inside(plain_key(&host, port), replay, then);
            }
        }
    }

    /// There is no ClientHello: the rules that waited for one are asked again. Whether the
    /// connection goes on to be looked at.
    fn close_client_hello(&mut self) -> bool {
        let policy = self.policy.clone();
        crate::facts::client_hello(&policy, &mut self.judge.facts, None);
        match self.judge.ask(Gate::Tunnel) {
            Ruling::Proceed(_) | Ruling::Wait => true,
            Ruling::DoNotInspect(rule) => {
                self.note_do_not_inspect(&rule);
                if let Some((host, port, replay)) = self.take_peeked() {
                    let then = Then::Splice(SpliceReason::DoNotInspect);
                    self.dial_inside(plain_key(&host, port), replay, then);
                }
                false
            }
            Ruling::Refuse(refusal) => {
                if let Some(record) = &mut self.record {
                    record.decision.action = Some(refusal.action());
                    record.decision.policy_id = refusal.rule.id.as_str().into();
                    record.decision.policy_name = refusal.rule.name.as_str().into();
                }
                self.refuse_tunnel(CloseReason::ProxyConnRefused);
                false
            }
        }
    }

    /// There is no way to say why within a protocol that is not known.
    pub(super) fn refuse_tunnel(&mut self, reason: CloseReason) {
        if let Some(record) = &mut self.record {
            record.decision.action.get_or_insert(gateway_log::Action::Block);
        }
        self.close(reason, Close::Graceful);
    }

    /// What was peeked at, and whom it is for.
    pub(super) fn take_peeked(&mut self) -> Option<(String, u16, Bytes)> {
        let Stage::Peeking(peeking) = &mut self.stage else { return None };
        let bytes = std::mem::take(&mut peeking.bytes).freeze();
        Some((std::mem::take(&mut peeking.host), peeking.port, bytes))
    }

    fn take_pending(&mut self) -> Vec<Bytes> {
        match &mut self.stage {
            Stage::Peeking(peeking) => std::mem::take(&mut peeking.to_client),
            _ => Vec::new(),
        }
    }
}

fn name_or_empty(name: Option<&str>) -> &str {
    name.unwrap_or_default()
}
