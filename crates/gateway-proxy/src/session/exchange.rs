//! HTTP with the client: requests become transactions, transactions get their origins.

use gateway_h1h2::{
    Authority, BodySize, Event, RequestHead, ResponseHead, Scheme, StreamId, Target, h1,
};
use gateway_log::{CloseReason, Record};
use http::{Method, StatusCode};

use super::{Output, Session, Stage, options};
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Reuse};
use crate::judge::Refusal;
use crate::key::{OriginKey, Security, TenantId, bare};
use crate::origin::Origin;
use crate::policy::AuthorityMismatch;
use crate::reply::{Form, Page, Reply};
use crate::transaction::{self, Leg, Mismatch, Opening, Transaction};

/// What every request inside a tunnel has in common.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    /// The origin that CONNECT named.
    pub(super) key: OriginKey,
    /// The name of the ClientHello.
    pub(super) sni: Option<String>,
    /// What every request is answered with instead of being passed on.
    pub(super) answer: Option<Instead>,
}

/// Why requests inside a tunnel are not passed on.
#[derive(Clone, Debug)]
pub(super) enum Instead {
    Refuse(Refusal),
    Unreachable(DialError),
}

/// Why a request is not even a transaction.
type Unfit = (StatusCode, &'static str, &'static str);

impl Session {
    /// Takes one event from the client's codec; whether there was one.
    pub(super) fn pump_client(&mut self) -> bool {
        let Stage::Proxying(proxying) = &mut self.stage else { return false };
        match proxying.codec.poll_event() {
            Ok(None) => false,
            Ok(Some((stream, Event::RequestHead(head)))) => {
                proxying.head_since = None;
                proxying.served = true;
                if self.egress.is_some() {
                    self.on_egress(stream, head);
                } else if head.method == Method::CONNECT {
                    self.on_connect(stream, head);
                } else {
                    self.on_request(stream, head);
                }
                true
            }
            Ok(Some((stream, event))) => {
                if let Some(index) = self.position(stream) {
                    self.give(index, transaction::Input::Client(event));
                }
                true
            }
            Err(error) => self.on_malformed(&error),
        }
    }

    /// Takes one event from each origin's codec; whether there was any.
    pub(super) fn pump_origins(&mut self) -> bool {
        let mut moved = false;
        for index in 0..self.origins.len() {
            let Some((stream, event)) = self.origins.get_mut(index).and_then(Origin::poll_event)
            else {
                continue;
            };
            moved = true;
            if let Some(index) = self.position(stream) {
                self.give(index, transaction::Input::Origin(event));
            }
        }
        moved
    }

    /// Puts one input into a transaction and does what it says.
    pub(super) fn give(&mut self, index: usize, input: transaction::Input) {
        let now = self.now;
        let Some((stream, transaction)) = self.transactions.get_mut(index) else { return };
        let stream = *stream;
        transaction.handle(input, now);
        self.drain(stream);
    }

    pub(super) fn position(&self, stream: StreamId) -> Option<usize> {
        self.transactions.iter().position(|(id, _)| *id == stream)
    }

    fn on_request(&mut self, stream: StreamId, head: RequestHead) {
        let (origin, host, mismatch) = match self.destination(&head) {
            Ok(destination) => destination,
            Err((status, title, detail)) => {
                return self.answer(stream, &head, status, title, detail);
            }
        };
        self.opened += 1;
        let opening = Opening {
            policy: self.policy.clone(),
            clock: self.clock,
            client: self.client,
            session_id: self.id.clone(),
            request_id: format!("{}-{}", self.id, self.opened),
            origin,
            host,
        };
        let judge = self.judge.fork();
        let mut transaction = Transaction::with_judge(opening, judge, head, mismatch, self.now);
        match self.inside.as_ref().and_then(|inside| inside.answer.clone()) {
            None => transaction.begin(),
            Some(Instead::Refuse(refusal)) => transaction.refuse(&refusal),
            Some(Instead::Unreachable(error)) => transaction.on_unreachable(&error),
        }
        self.transactions.push((stream, transaction));
        self.drain(stream);
    }

    /// Where a request is to go, the host that it names, and whether that contradicts the tunnel
    /// it came in.
    fn destination(&self, head: &RequestHead) -> Result<(OriginKey, String, Mismatch), Unfit> {
        match &self.inside {
            None => {
                let Target::Absolute { scheme: Scheme::Http, authority, .. } = &head.target else {
                    return Err(NOT_A_WEB_SERVER);
                };
                let host = bare(authority.host()).to_owned();
                let key = OriginKey {
                    tenant: TenantId::default(),
                    security: Security::Plain,
                    host: host.clone(),
                    port: authority.port().unwrap_or(Scheme::Http.port()),
                };
                Ok((key, host, Mismatch::No))
            }
            Some(inside) => {
                let named = authority_of(head).ok_or(NO_HOST)?;
                let port = named.port().unwrap_or_else(|| inside.key.scheme().port());
                let host = bare(named.host());
                let by_address = inside.key.host.parse::<std::net::IpAddr>().is_ok();
                let same_host =
                    host == inside.key.host || (by_address && inside.sni.as_deref() == Some(host));
                let same_sni = inside.sni.as_deref().is_none_or(|sni| sni == host);
                let mismatch = !same_host || !same_sni || port != inside.key.port;
                let refuse = self.policy.settings.authority_mismatch == AuthorityMismatch::Refuse;
                if mismatch && refuse && inside.answer.is_none() {
                    return Err(MISDIRECTED);
                }
                let mismatch = if mismatch { Mismatch::Yes } else { Mismatch::No };
                Ok((inside.key.clone(), host.to_owned(), mismatch))
            }
        }
    }

    /// Does what the transaction of `stream` says, until it says nothing more.
    pub(super) fn drain(&mut self, stream: StreamId) {
        while let Some(index) = self.position(stream) {
            let Some((_, transaction)) = self.transactions.get_mut(index) else { return };
            let Some(output) = transaction.poll() else {
                if transaction.is_done() {
                    let (_, over) = self.transactions.remove(index);
                    self.on_exchange_over(stream);
                    self.give_back(over.serving);
                }
                return;
            };
            self.carry_out(stream, index, output);
        }
    }

    fn carry_out(&mut self, stream: StreamId, index: usize, output: transaction::Output) {
        match output {
            transaction::Output::Client(event) => self.send_to_client(stream, event),
            transaction::Output::Origin(event) => {
                if let Some(origin) = self.serving(stream) {
                    origin.send(stream, event);
                }
            }
            transaction::Output::Credit(Leg::Client, bytes) => {
                if let Stage::Proxying(proxying) = &mut self.stage {
                    proxying.codec.credit(stream, bytes);
                }
            }
            transaction::Output::Credit(Leg::Origin, bytes) => {
                if let Some(origin) = self.serving(stream) {
                    origin.credit(stream, bytes);
                }
            }
            transaction::Output::Resolve => {
                if let Some((_, transaction)) = self.transactions.get(index) {
                    let host = transaction.origin().host.clone();
                    self.emit(Output::Resolve(stream, host));
                }
            }
            transaction::Output::Dial(addresses, reuse) => {
                self.dial_for(stream, index, addresses, reuse);
            }
            transaction::Output::Invoke(worker, destination) => {
                self.invoke_for(stream, index, worker, destination);
            }
            transaction::Output::Again => self.emit(Output::Again),
            transaction::Output::Upgrade => self.on_upgrade(stream),
            transaction::Output::Record(mut record) => {
                self.fill_client(&mut record);
                self.emit(Output::Record(record));
            }
        }
    }

    fn send_to_client(&mut self, stream: StreamId, event: Event) {
        let Stage::Proxying(proxying) = &mut self.stage else { return };
        let last = matches!(event, Event::End | Event::Reset(_));
        let cut = matches!(event, Event::Reset(_));
        if proxying.codec.send(stream, event).is_err() && !cut {
            // What the origin sent cannot be said to this client: more or less than announced.
            let reset = Event::Reset(gateway_h1h2::ResetReason::Cancelled);
            let _ = proxying.codec.send(stream, reset);
        }
        if last {
            proxying.since = self.now;
            if self.draining {
                proxying.codec.close_when_idle();
            }
        }
    }

    fn serving(&mut self, stream: StreamId) -> Option<&mut Origin> {
        let id = self.transactions.iter().find(|(of, _)| *of == stream)?.1.serving?;
        self.origin_mut(id)
    }

    fn dial_for(
        &mut self,
        stream: StreamId,
        index: usize,
        addresses: Vec<std::net::IpAddr>,
        reuse: Reuse,
    ) {
        let Some((_, transaction)) = self.transactions.get_mut(index) else { return };
        let key = transaction.origin().clone();
        // Nothing more is heard of the connection before, if there was one.
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        if reuse == Reuse::Pooled
            && let Some(origin) =
                self.origins.iter().find(|origin| origin.key == key && origin.is_idle())
            && let Some(dialed) = origin.dialed_again()
        {
            transaction.serving = Some(origin.id);
            transaction.handle(transaction::Input::Dialed(Ok(dialed)), self.now);
            return;
        }
        self.park_idle_origins();
        let id = self.next_origin();
        if let Some((_, transaction)) = self.transactions.get_mut(index) {
            transaction.serving = Some(id);
        }
        self.origins.push(Origin::dialing(id, key.clone(), Some(stream)));
        self.emit(Output::Dial(Dial { id, key, addresses, reuse }));
    }

    /// The driver has connected an origin for a transaction, or not.
    pub(super) fn on_origin_dialed(&mut self, id: OriginId, result: Result<Dialed, DialError>) {
        let options = options(&self.policy);
        let Some(origin) = self.origin_mut(id) else { return };
        let (waiting, result) = match result {
            Ok(dialed) => (origin.opened(dialed.clone(), options), Ok(dialed)),
            Err(error) => {
                let waiting = origin.waiting();
                self.origins.retain(|origin| origin.id != id);
                (waiting, Err(error))
            }
        };
        if let Some(index) = waiting.and_then(|stream| self.position(stream)) {
            self.give(index, transaction::Input::Dialed(result));
        }
    }

    /// What the transaction on `stream` no longer needs is given up or kept for the next.
    fn on_exchange_over(&mut self, stream: StreamId) {
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        if let Stage::Proxying(proxying) = &mut self.stage {
            proxying.since = self.now;
        }
    }

    /// The client's bytes are not HTTP, or break its rules. Whether anything came of it.
    fn on_malformed(&mut self, error: &h1::H1Error) -> bool {
        if let Some(record) = &mut self.record {
            if record.close_reason.is_some() {
                return false;
            }
            record.close_reason = Some(CloseReason::ClientError);
            record.warnings.push(error.to_string().into());
        }
        match self.position(error.stream) {
            Some(index) => {
                self.give(index, transaction::Input::Abort(CloseReason::ClientError));
            }
            None => {
                let status = error.status();
                let title = status.canonical_reason().unwrap_or("Bad request");
                let reply = self.page(Form::Json, status, title, &error.to_string(), "");
                self.send_reply(error.stream, reply, SendBody::Yes);
            }
        }
        true
    }

    /// The next request did not come in time.
    pub(super) fn on_request_overdue(&mut self) {
        let Stage::Proxying(proxying) = &self.stage else { return };
        if proxying.head_since.is_none() {
            return self.close(CloseReason::ClientIdleTimeout, Close::Graceful);
        }
        // Whoever is still sending a head hears no answer; there is no request to give it to.
        self.close(CloseReason::ClientIdleTimeout, Close::Abort);
    }

    /// Answers a request that does not become a transaction, and closes.
    pub(super) fn answer(
        &mut self,
        stream: StreamId,
        head: &RequestHead,
        status: StatusCode,
        title: &str,
        detail: &str,
    ) {
        let mut record = self.page_record(head, status);
        self.opened += 1;
        record.request_id = format!("{}-{}", self.id, self.opened).into();
        let reply = self.page(Form::wanted_by(&head.fields), status, title, detail, "");
        let body = if head.method == Method::HEAD { SendBody::No } else { SendBody::Yes };
        self.send_reply(stream, reply, body);
        if let Stage::Proxying(proxying) = &mut self.stage {
            proxying.codec.close_when_idle();
        }
        self.fill_client(&mut record);
        self.emit(Output::Record(Box::new(record)));
    }

    fn page_record(&self, head: &RequestHead, status: StatusCode) -> Record {
        let mut record = Record::new(gateway_log::RecordKind::Http);
        record.session_id = self.id.as_str().into();
        record.started_ns = self.clock.unix_ns(self.now);
        record.ended_ns = record.started_ns;
        record.client.addr = Some(self.client);
        record.config_generation = self.policy.generation;
        record.decision.action = Some(gateway_log::Action::Block);
        record.decision.actions = vec![gateway_log::Action::Block];
        record.http.method = head.method.as_str().into();
        record.http.version = crate::facts::version(head.version).into();
        record.http.status = Some(status.as_u16());
        record.close_reason = Some(CloseReason::ProxyConnRefused);
        match &head.target {
            Target::Authority(authority) => {
                record.http.host = authority.host().into();
                record.http.url = authority.to_string().into();
            }
            Target::Absolute { authority, .. } => record.http.host = authority.host().into(),
            Target::Origin(path) => record.http.url = path.as_str().into(),
            Target::Asterisk => record.http.url = "*".into(),
        }
        record
    }

    pub(super) fn page(
        &self,
        form: Form,
        status: StatusCode,
        title: &str,
        detail: &str,
        url: &str,
    ) -> Reply {
        let page = Page { status, title, detail, rule: None, url, request_id: &self.id };
        page.reply(form, &self.policy.settings)
    }

    pub(super) fn send_reply(&mut self, stream: StreamId, reply: Reply, body: SendBody) {
        self.send_to_client(stream, Event::ResponseHead(reply.head));
        if body == SendBody::Yes && !reply.body.is_empty() {
            self.send_to_client(stream, Event::Data(reply.body));
        }
        self.send_to_client(stream, Event::End);
    }
}

/// Whether the body of an answer is sent: not to HEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendBody {
    Yes,
    No,
}

const NOT_A_WEB_SERVER: Unfit = (
    StatusCode::BAD_REQUEST,
    "This is a proxy",
    "Requests to a proxy name the whole URL, http://host/path; https goes through CONNECT.",
);

const NO_HOST: Unfit = (StatusCode::BAD_REQUEST, "Bad request", "The request names no host.");

const MISDIRECTED: Unfit = (
    StatusCode::MISDIRECTED_REQUEST,
    "Misdirected request",
    "The request names another host than the tunnel it came in.",
);

/// The authority that a request names: its target, else `Host` (RFC 9112 §3.3).
fn authority_of(head: &RequestHead) -> Option<Authority> {
    if let Some(authority) = head.target.authority() {
        return Some(authority.clone());
    }
    let host = head.fields.get("host")?;
    Authority::parse(bytes::Bytes::copy_from_slice(host)).ok()
}

/// A 200 to CONNECT: no fields, no body.
pub(super) fn connected() -> ResponseHead {
    let mut head = ResponseHead::new(StatusCode::OK);
    head.reason = bytes::Bytes::from_static(b"Connection established");
    head.body = BodySize::Empty;
    head
}
