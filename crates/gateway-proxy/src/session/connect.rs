//! CONNECT: the rules, and the answer. What follows it is looked at in `peek`, and connected in `dialing`.

use std::time::Instant;

use gateway_h1h2::{Codec, Event, RequestHead, StreamId, Target};
use gateway_log::{CloseReason, SpliceReason};
use gateway_rules::{Gate, Phase};
use http::StatusCode;

use super::answer::{SendBody, connected};
use super::exchange::Inside;
use super::peek::Peeking;
use super::{Output, Proxying, Session, Stage};
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Reuse, Sharing};
use crate::judge::{Refusal, RuleName, Ruling};
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

impl Connecting {
    /// Whether this is the origin that it waits for.
    pub(super) fn awaits(&self, id: OriginId) -> bool {
        self.origin == Some(id)
    }
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
        self.note_refusal(refusal);
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

    /// The origin that was connected before the client was told so is there, or is not.
    pub(super) fn on_first_dialed(&mut self, id: OriginId, result: Result<Dialed, DialError>) {
        match result {
            Ok(dialed) => self.on_first_connected(id, dialed),
            Err(error) => {
                self.note_unreachable(&error);
                self.origins.retain(|origin| origin.id != id);
                self.refuse_connect(None, &error.to_string(), error.status());
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
