//! CONNECT: the rules, the answer, the origin, and the client's TLS.

use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::{Codec, Event, RequestHead, Scheme, StreamId, Target};
use gateway_log::{Action, CloseReason, Interception, SpliceReason};
use gateway_rules::{Gate, Phase};
use http::StatusCode;

use super::answer::{SendBody, connected};
use super::exchange::{Inside, Instead};
use super::origins::Arrived;
use super::peek::Peeking;
use super::{ClientTls, ClientTlsDone, Output, Proxying, Session, Splice, Spliced, Stage};
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Reuse, Sharing};
use crate::judge::{Refusal, RuleName, Ruling, micros, millis};
use crate::key::{OriginKey, Security, TenantId, bare, literal};
use crate::origin::Origin;
use crate::reply::{Form, Page};

/// CONNECT is not answered yet.
pub(super) struct Connecting {
    pub(super) codec: Codec,
    pub(super) since: Instant,
    stream: StreamId,
    head: RequestHead,
    host: String,
    port: u16,
    /// The origin of an uninspected tunnel, which is connected before the client is told so.
    origin: Option<OriginId>,
}

/// CONNECT is answered and decided; the origin is being connected.
pub(super) struct Dialing {
    pub(super) since: Instant,
    pub(super) to_client: Vec<Bytes>,
    pub(super) origin: OriginId,
    pub(super) replay: Bytes,
    pub(super) then: Then,
}

/// What follows when the origin is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The bytes are relayed as they are.
    Splice(SpliceReason),
    /// The client's TLS is taken in this name.
    Inspect(String),
    /// What it says first is looked at.
    Greet,
}

impl Session {
    /// A client wants a tunnel.
    pub(super) fn on_connect(&mut self, stream: StreamId, head: RequestHead) {
        if head.protocol.is_some() {
            return self.branch_off(stream, &head);
        }
        let (Target::Authority(authority), None) = (&head.target, &self.inside) else {
            let detail = "A tunnel cannot be asked for inside a tunnel.";
            return self.answer(stream, &head, StatusCode::BAD_REQUEST, "Bad request", detail);
        };
        if self.speaks_http2() {
            return self.branch_off(stream, &head);
        }
        let (host, port) = (bare(authority.host()).to_owned(), authority.port().unwrap_or(443));
        if !self.policy.settings.connect_ports.contains(&port) {
            let detail = "CONNECT to this port is not allowed.";
            return self.answer(stream, &head, StatusCode::FORBIDDEN, "Forbidden", detail);
        }
        let policy = self.policy.clone();
        crate::facts::destination(&policy, &mut self.judge.facts, &host, port);
        let unix_ns = self.clock.unix_ns(self.now);
        crate::facts::time(&policy.rules, &mut self.judge.facts, unix_ns);
        if let Some(record) = &mut self.record {
            record.http.host = host.as_str().into();
            record.http.url = authority.to_string().into();
            record.http.method = "CONNECT".into();
        }
        let idle = Stage::Closed;
        let Stage::Proxying(proxying) = std::mem::replace(&mut self.stage, idle) else { return };
        let resolves = literal(&host).is_none() && self.judge.reads_addresses();
        let asked = host.clone();
        self.stage = Stage::Connecting(Box::new(Connecting {
            codec: proxying.codec,
            since: self.now,
            stream,
            head,
            host,
            port,
            origin: None,
        }));
        if resolves {
            self.emit(Output::Resolve(stream, asked));
        } else {
            self.decide_connect(&[]);
        }
    }

    /// What a host resolves to is known, for CONNECT or for a transaction.
    pub(super) fn on_resolved(
        &mut self,
        stream: StreamId,
        result: Result<Vec<std::net::IpAddr>, DialError>,
    ) {
        if self.on_entry_resolved(&result) {
            return;
        }
        let connecting = matches!(&self.stage, Stage::Connecting(c) if c.origin.is_none());
        if !connecting {
            let index = self.position(stream);
            if let Some(index) = index {
                self.give(index, crate::transaction::Input::Resolved(result));
            }
            return;
        }
        match result {
            Ok(addresses) => {
                let policy = self.policy.clone();
                crate::facts::addresses(&policy, &mut self.judge.facts, &addresses);
                self.decide_connect(&addresses);
            }
            Err(error) => self.refuse_connect(None, &error.to_string(), error.status()),
        }
    }

    /// All is known that can be known before the first bytes of the tunnel.
    fn decide_connect(&mut self, addresses: &[std::net::IpAddr]) {
        self.judge.facts.close(Phase::Connect);
        self.addresses = addresses.to_vec();
        if let Ruling::Refuse(refusal) = self.judge.ask(Gate::Dial) {
            return self.block_connect(&refusal);
        }
        match self.judge.ask(Gate::Tunnel) {
            Ruling::Refuse(refusal) => self.block_connect(&refusal),
            Ruling::DoNotInspect(rule) => self.connect_first(&rule),
            Ruling::Proceed(_) | Ruling::Wait => self.accept_connect(),
        }
    }

    /// The tunnel will not be looked into whatever its first bytes are: the client is told that it
    /// stands when it does, as a server that speaks first needs it.
    fn connect_first(&mut self, rule: &RuleName) {
        self.note_do_not_inspect(rule);
        let id = self.next_origin();
        let Stage::Connecting(connecting) = &mut self.stage else { return };
        connecting.origin = Some(id);
        let key = plain_key(&connecting.host, connecting.port);
        self.dial_tunnel(id, key);
    }

    fn dial_tunnel(&mut self, id: OriginId, key: OriginKey) {
        self.origins.push(Origin::dialing(id, key.clone(), None));
        let addresses = self.addresses.clone();
        self.emit(Output::Dial(Dial {
            id,
            key,
            addresses,
            reuse: Reuse::Fresh,
            sharing: Sharing::Alone,
        }));
    }

    /// Answers 200 and looks at what comes.
    fn accept_connect(&mut self) {
        let idle = Stage::Closed;
        let Stage::Connecting(connecting) = std::mem::replace(&mut self.stage, idle) else {
            return;
        };
        let Connecting { mut codec, stream, host, port, .. } = *connecting;
        let mut to_client = Vec::new();
        if codec.send(stream, Event::ResponseHead(Box::new(connected()))).is_err() {
            return self.close(CloseReason::ClientError, Close::Abort);
        }
        codec.poll_output(&mut to_client);
        let early = codec.into_unread();
        self.stage = Stage::Peeking(Box::new(Peeking::new(host, port, to_client, self.now)));
        if !early.is_empty() {
            self.on_peeked(&early);
        }
    }

    /// A rule refuses the tunnel: 403 (RFC 9110 §9.3.6), and the connection closes.
    fn block_connect(&mut self, refusal: &Refusal) {
        if let Some(record) = &mut self.record {
            note_refusal(&mut record.decision, refusal);
        }
        let detail = "This connection was blocked by a rule of your organisation.";
        self.refuse_connect(Some(&refusal.rule), detail, StatusCode::FORBIDDEN);
    }

    fn refuse_connect(&mut self, rule: Option<&RuleName>, detail: &str, status: StatusCode) {
        let idle = Stage::Closed;
        let Stage::Connecting(connecting) = std::mem::replace(&mut self.stage, idle) else {
            return;
        };
        let Connecting { codec, stream, head, host, port, .. } = *connecting;
        let title =
            if rule.is_some() { "Blocked" } else { status.canonical_reason().unwrap_or("Error") };
        let url = plain_key(&host, port).authority();
        let page = Page {
            status,
            title,
            detail,
            rule: rule.map(|rule| (&*rule.id, &*rule.name)),
            url: &url,
            request_id: &self.id,
        };
        let reply = page.reply(Form::wanted_by(&head.fields), &self.policy.settings);
        if let Some(record) = &mut self.record {
            record.http.status = Some(status.as_u16());
            record.close_reason.get_or_insert(CloseReason::ProxyConnRefused);
        }
        self.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, self.now)));
        self.send_reply(stream, reply, SendBody::Yes);
    }

    pub(super) fn on_connect_overdue(&mut self) {
        let Stage::Connecting(connecting) = &self.stage else { return };
        if let Some(id) = connecting.origin {
            self.origins.retain(|origin| origin.id != id);
        }
        let error = DialError::TimedOut;
        self.refuse_connect(None, &error.to_string(), error.status());
    }

    /// Connects the origin of a tunnel whose first bytes are known.
    pub(super) fn dial_inside(&mut self, key: OriginKey, replay: Bytes, then: Then) {
        let to_client = match &mut self.stage {
            Stage::Peeking(peeking) => std::mem::take(&mut peeking.to_client),
            _ => Vec::new(),
        };
        let id = self.next_origin();
        self.stage = Stage::Dialing(Box::new(Dialing {
            since: self.now,
            to_client,
            origin: id,
            replay,
            then,
        }));
        let reuse = match self.stage_then() {
            Some(Then::Inspect(_)) => Reuse::Pooled,
            Some(Then::Splice(_) | Then::Greet) | None => Reuse::Fresh,
        };
        self.origins.push(Origin::dialing(id, key.clone(), None));
        let addresses = self.addresses.clone();
        let sharing = match (reuse, &self.inside) {
            (Reuse::Pooled, Some(inside)) => inside.sharing,
            _ => Sharing::Alone,
        };
        self.emit(Output::Dial(Dial { id, key, addresses, reuse, sharing }));
    }

    fn stage_then(&self) -> Option<&Then> {
        match &self.stage {
            Stage::Dialing(dialing) => Some(&dialing.then),
            _ => None,
        }
    }

    /// The driver has connected an origin, or not.
    pub(super) fn on_dialed(
        &mut self,
        id: OriginId,
        result: Result<Dialed, DialError>,
        arrived: Arrived,
    ) {
        if self.on_entry_dialed(id, &result) {
            return;
        }
        match &self.stage {
            Stage::Connecting(connecting) if connecting.origin == Some(id) => match result {
                Ok(dialed) => self.on_first_connected(id, dialed),
                Err(error) => {
                    self.note_unreachable(&error);
                    self.origins.retain(|origin| origin.id != id);
                    self.refuse_connect(None, &error.to_string(), error.status());
                }
            },
            Stage::Dialing(dialing) if dialing.origin == id => match result {
                Ok(dialed) => self.on_inside_connected(dialed, arrived),
                Err(error) => self.on_inside_unreachable(error),
            },
            Stage::Proxying(_) => self.on_origin_dialed(id, result, arrived),
            // Nobody waits for it any more.
            Stage::Entering(_)
            | Stage::Connecting(_)
            | Stage::Peeking(_)
            | Stage::Greeting(_)
            | Stage::Dialing(_)
            | Stage::Handshaking(_)
            | Stage::Splicing(_)
            | Stage::Relaying(_)
            | Stage::Closed => {
                if result.is_ok() {
                    self.emit(Output::Close(super::Wire::Origin(id), Close::Graceful));
                }
            }
        }
    }

    /// The origin of a tunnel that is not looked into stands: so does the tunnel.
    fn on_first_connected(&mut self, id: OriginId, dialed: Dialed) {
        self.note_dialed(&dialed);
        let idle = Stage::Closed;
        let Stage::Connecting(connecting) = std::mem::replace(&mut self.stage, idle) else {
            return;
        };
        let Connecting { mut codec, stream, .. } = *connecting;
        if codec.send(stream, Event::ResponseHead(Box::new(connected()))).is_err() {
            return self.close(CloseReason::ClientError, Close::Abort);
        }
        let mut to_client = Vec::new();
        codec.poll_output(&mut to_client);
        let early = codec.into_unread();
        self.splice(id, to_client, early, SpliceReason::DoNotInspect);
    }

    fn on_inside_connected(&mut self, dialed: Dialed, arrived: Arrived) {
        self.note_dialed(&dialed);
        let idle = Stage::Closed;
        let Stage::Dialing(dialing) = std::mem::replace(&mut self.stage, idle) else { return };
        let Dialing { to_client, origin: id, replay, then, .. } = *dialing;
        match then {
            Then::Splice(reason) => self.splice(id, to_client, replay, reason),
            Then::Greet => self.await_greeting(id, to_client),
            Then::Inspect(name) => {
                let mirror = dialed.tls.as_ref().map(|tls| tls.certificate.clone());
                self.open_origin(id, &dialed, arrived);
                self.take_client_tls(name, mirror, replay);
            }
        }
    }

    /// The origin of an inspected tunnel cannot be reached: a page inside TLS says so.
    fn on_inside_unreachable(&mut self, error: DialError) {
        self.note_unreachable(&error);
        let idle = Stage::Closed;
        let Stage::Dialing(dialing) = std::mem::replace(&mut self.stage, idle) else { return };
        let id = dialing.origin;
        self.origins.retain(|origin| origin.id != id);
        match dialing.then {
            Then::Inspect(name) => {
                if let Some(inside) = &mut self.inside {
                    inside.answer = Some(Instead::Unreachable(error));
                }
                self.take_client_tls(name, None, dialing.replay);
            }
            Then::Splice(_) | Then::Greet => self.close(error.close_reason(), Close::Abort),
        }
    }

    /// A rule refuses what the first bytes have shown: a page inside TLS says so.
    pub(super) fn refuse_inside(&mut self, refusal: Refusal, name: String, replay: Bytes) {
        if let Some(record) = &mut self.record {
            note_refusal(&mut record.decision, &refusal);
        }
        if let Some(inside) = &mut self.inside {
            inside.answer = Some(Instead::Refuse(refusal));
        }
        self.take_client_tls(name, None, replay);
    }

    fn take_client_tls(&mut self, name: String, mirror: Option<Bytes>, replay: Bytes) {
        self.stage = Stage::Handshaking(self.now);
        let alpn = self.policy.settings.http2.for_client();
        self.emit(Output::ClientTls(ClientTls { name, mirror, alpn, replay }));
    }

    /// TLS with the client stands: HTTP begins inside.
    pub(super) fn on_client_tls(&mut self, done: &ClientTlsDone) {
        if !matches!(self.stage, Stage::Handshaking(_)) {
            return;
        }
        if let Some(record) = &mut self.record {
            record.client.tls.version = done.version.as_str().into();
            record.client.tls.cipher = done.cipher.as_str().into();
            record.inspection.interception = Some(Interception::Inspected);
            record.inspection.mint_cache_hit = Some(done.mint_cache_hit);
            record.timings.client_tls_ms = Some(millis(done.handshake));
            if !done.mint_cache_hit {
                record.timings.mint_us = Some(micros(done.mint));
            }
        }
        let mut options = super::options(&self.policy, Scheme::Https);
        options.h1.checks = self.judge.relaxed.over(&options.h1.checks);
        let codec = Codec::server(done.agreed.version(), options);
        self.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, self.now)));
    }

    pub(super) fn splice(
        &mut self,
        id: OriginId,
        to_client: Vec<Bytes>,
        to_origin: Bytes,
        why: SpliceReason,
    ) {
        if let Some(record) = &mut self.record {
            record.inspection.interception = Some(Interception::Spliced(why));
        }
        self.origins.retain(|origin| origin.id != id);
        self.stage = Stage::Splicing(Spliced {
            origin: id,
            from_client: 0,
            from_origin: 0,
            to_client,
            to_origin: vec![to_origin],
        });
        let idle = self.policy.settings.timeouts.tunnel_idle;
        self.emit(Output::Splice(Splice { origin: id, idle }));
    }

    pub(super) fn note_refusal(&mut self, refusal: &Refusal) {
        if let Some(record) = &mut self.record {
            note_refusal(&mut record.decision, refusal);
        }
    }

    pub(super) fn note_do_not_inspect(&mut self, rule: &RuleName) {
        if let Some(record) = &mut self.record {
            record.decision.action = Some(Action::Off);
            record.decision.policy_id = rule.id.as_str().into();
            record.decision.policy_name = rule.name.as_str().into();
        }
    }

    pub(super) fn note_dialed(&mut self, dialed: &Dialed) {
        if let Some(record) = &mut self.record {
            dialed.fill(record);
        }
    }

    pub(super) fn note_unreachable(&mut self, error: &DialError) {
        let Some(record) = &mut self.record else { return };
        record.close_reason = Some(error.close_reason());
        record.http.status = Some(error.status().as_u16());
        if let DialError::Certificate { validation } = error {
            record.origin.certificate_validation = Some(*validation);
        }
        if matches!(error, DialError::Refused { .. }) {
            record.decision.action = Some(Action::Block);
        }
    }
}

fn note_refusal(decision: &mut gateway_log::Decision, refusal: &Refusal) {
    decision.action = Some(refusal.action());
    decision.policy_id = refusal.rule.id.as_str().into();
    decision.policy_name = refusal.rule.name.as_str().into();
}

/// The key of a connection without TLS of our own.
pub(super) fn plain_key(host: &str, port: u16) -> OriginKey {
    OriginKey {
        tenant: TenantId::default(),
        security: Security::Plain,
        host: host.to_owned(),
        port,
    }
}

/// What is common to the requests inside a tunnel.
pub(super) fn inside(key: OriginKey, sni: Option<String>) -> Inside {
    Inside { key, sni, answer: None, version: None, sharing: Sharing::Alone }
}
