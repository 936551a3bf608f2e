//! HTTP with the client: requests become transactions, and what these say is done.

use std::sync::Arc;

use gateway_h1h2::{CodecError, Event, RequestHead, Scope, StreamId, Version};
use gateway_log::CloseReason;
use http::Method;

use super::answer::SendBody;
use super::credit::Withheld;
use super::{Output, Session, Stage};
use crate::dial::{Close, DialError, Sharing};
use crate::identity::User;
use crate::judge::Refusal;
use crate::key::OriginKey;
use crate::reply::Form;
use crate::transaction::{self, Opening, Transaction};

/// Faults of the client that its record tells of.
pub(super) const WARNINGS_MAX: usize = 8;

/// One request in progress.
pub(super) struct Exchange {
    /// The stream of the client.
    pub(super) stream: StreamId,
    pub(super) transaction: Box<Transaction>,
    /// Who asks, if the request has said so itself.
    pub(super) user: Option<Arc<User>>,
    /// It has more to look at than one turn allows.
    again: bool,
    /// What the two sides may send more as soon as the other side has taken what waits for it.
    pub(super) withheld: Withheld,
    /// Bytes that wait to be kept, if a page stands for its response.
    pub(super) unkept: u64,
}

/// What every request inside a tunnel has in common.
#[derive(Clone, Debug)]
pub(super) struct Inside {
    /// The origin that CONNECT named.
    pub(super) key: OriginKey,
    /// The name of the ClientHello.
    pub(super) sni: Option<String>,
    /// What every request is answered with instead of being passed on.
    pub(super) answer: Option<Instead>,
    /// The version that the origin has been found to speak.
    pub(super) version: Option<Version>,
    /// Whether that connection may be one that others use too.
    pub(super) sharing: Sharing,
}

/// Why requests inside a tunnel are not passed on.
#[derive(Clone, Debug)]
pub(super) enum Instead {
    Refuse(Refusal),
    Unreachable(DialError),
}

impl Session {
    /// Takes one event from the client's codec; whether there was one.
    pub(super) fn pump_client(&mut self) -> bool {
        let Stage::Proxying(proxying) = &mut self.stage else { return false };
        if self.parted.is_some() {
            return false;
        }
        let polled = proxying.codec.poll_event();
        self.found.add(proxying.codec.take_found());
        match polled {
            Ok(None) => false,
            Ok(Some((stream, Event::RequestHead(head)))) => {
                proxying.head_since = None;
                proxying.served = true;
                // A tunnel goes on; the requests inside it end it.
                if self.superseded && head.method != Method::CONNECT {
                    proxying.codec.close_when_idle();
                }
                if self.egress.is_some() {
                    self.on_egress(stream, *head);
                } else {
                    self.on_head(stream, head);
                }
                true
            }
            Ok(Some((stream, event))) => {
                match self.position(stream) {
                    Some(index) => self.give(index, transaction::Input::Client(event)),
                    None => {
                        if let Some(event) = self.keep_for_waiting(stream, event) {
                            self.on_branch_event(stream, event);
                        }
                    }
                }
                true
            }
            Err(error) => self.on_malformed(&error),
        }
    }

    /// Puts one input into a transaction and does what it says.
    pub(super) fn give(&mut self, index: usize, input: transaction::Input) {
        let now = self.now;
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        let stream = exchange.stream;
        exchange.transaction.handle(input, now);
        self.drain(stream);
    }

    /// Puts the same input into every transaction.
    pub(super) fn give_all(&mut self, input: &transaction::Input) {
        // From the last to the first: one that ends is taken out.
        for index in (0..self.exchanges.len()).rev() {
            self.give(index, input.clone());
        }
    }

    /// Others have had their turn: goes on with the transactions that have asked for one more.
    pub(super) fn on_again(&mut self) {
        let now = self.now;
        if let Stage::Relaying(relaying) = &mut self.stage {
            relaying.relay.again(now);
        }
        for index in (0..self.exchanges.len()).rev() {
            let exchange = self.exchanges.get_mut(index);
            if exchange.is_some_and(|exchange| std::mem::take(&mut exchange.again)) {
                self.give(index, transaction::Input::Again);
            }
        }
    }

    pub(super) fn position(&self, stream: StreamId) -> Option<usize> {
        self.exchanges.iter().position(|exchange| exchange.stream == stream)
    }

    /// A request of `user`, if it has said so itself.
    pub(super) fn on_request(
        &mut self,
        stream: StreamId,
        head: Box<RequestHead>,
        user: Option<Arc<User>>,
    ) {
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
            session_id: self.id_text(),
            request_id: self.request_id(),
            origin,
            host,
        };
        let mut judge = self.judge.fork();
        if let Some(user) = &user {
            judge.know_user(user.clone());
        }
        let mut transaction = Transaction::with_judge(opening, judge, head, mismatch, self.now);
        if let Some(record) = &self.record {
            transaction.know_client(record.client.clone());
        }
        match self.inside.as_ref().and_then(|inside| inside.answer.clone()) {
            // In a tunnel, to no other address than the rules of CONNECT have decided on.
            None => transaction.begin_at(&self.addresses),
            Some(Instead::Refuse(refusal)) => transaction.refuse(&refusal),
            Some(Instead::Unreachable(error)) => transaction.on_unreachable(&error),
        }
        self.carry(stream, transaction, user);
    }

    /// Carries a transaction that has begun, of `user` if its request said so itself.
    pub(super) fn carry(
        &mut self,
        stream: StreamId,
        transaction: Box<Transaction>,
        user: Option<Arc<User>>,
    ) {
        let withheld = Withheld::default();
        let (again, unkept) = (false, 0);
        self.exchanges.push(Exchange { stream, transaction, user, again, withheld, unkept });
        self.drain(stream);
    }

    /// Does what the transaction of `stream` says, until it says nothing more.
    pub(super) fn drain(&mut self, stream: StreamId) {
        while let Some(index) = self.position(stream) {
            let Some(exchange) = self.exchanges.get_mut(index) else { return };
            let Some(output) = exchange.transaction.poll() else {
                if exchange.transaction.is_done() {
                    let over = self.exchanges.remove(index);
                    self.on_exchange_over(stream);
                    self.give_back(over.transaction.serving);
                }
                return;
            };
            self.carry_out(stream, index, output);
        }
    }

    fn carry_out(&mut self, stream: StreamId, index: usize, output: transaction::Output) {
        match output {
            transaction::Output::Client(event) => self.send_to_client(stream, event),
            transaction::Output::Origin(event) => self.send_to_origin(index, stream, event),
            transaction::Output::Credit(leg, bytes) => self.owe(index, leg, bytes),
            transaction::Output::Resolve => {
                if let Some(exchange) = self.exchanges.get(index) {
                    let host = exchange.transaction.origin().host.clone();
                    self.emit(Output::Resolve(stream, host));
                }
            }
            transaction::Output::Dial(addresses, reuse) => self.dial_for(index, addresses, reuse),
            transaction::Output::Scan(scan, input) => {
                self.emit(Output::Scan(stream, scan, input));
            }
            transaction::Output::Detached(scan, late) => {
                self.emit(Output::Detached(stream, scan, late));
            }
            transaction::Output::Adapt(leg, input) => {
                self.emit(Output::Adapt(stream, leg, input));
            }
            transaction::Output::AdaptCredit(of, to, bytes) => {
                self.owe_adapted(index, of, to, bytes);
            }
            transaction::Output::Invoke(worker, destination) => {
                self.invoke_for(index, worker, destination);
            }
            transaction::Output::Join(token) => self.join_for(index, token),
            transaction::Output::Defer(input) => self.defer_for(index, input),
            transaction::Output::Pickup(input) => self.pick_up_for(index, input),
            transaction::Output::Again => {
                if let Some(exchange) = self.exchanges.get_mut(index) {
                    exchange.again = true;
                }
                self.emit(Output::Again);
            }
            transaction::Output::Upgrade => self.on_upgrade(stream),
            transaction::Output::Record(mut record) => {
                self.fill_client(stream, &mut record);
                self.emit(Output::Record(record));
            }
            transaction::Output::Quarantine(mut quarantined) => {
                self.fill_client(stream, &mut quarantined.record);
                self.emit(Output::Quarantine(quarantined));
            }
        }
    }

    pub(super) fn send_to_client(&mut self, stream: StreamId, event: Event) {
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

    /// Whether the client speaks HTTP/2.
    pub(super) fn speaks_http2(&self) -> bool {
        match &self.stage {
            Stage::Proxying(proxying) => proxying.codec.version() == Version::Http2,
            _ => false,
        }
    }

    /// The client's bytes are not HTTP, or break its rules. Whether anything came of it.
    fn on_malformed(&mut self, error: &CodecError) -> bool {
        let Stage::Proxying(proxying) = &mut self.stage else { return false };
        let ends = error.scope() == Scope::Connection;
        if proxying.malformed && ends {
            return false;
        }
        proxying.malformed |= ends;
        if let Some(record) = &mut self.record {
            if ends {
                record.close_reason.get_or_insert(CloseReason::ClientError);
            }
            if record.warnings.len() < WARNINGS_MAX {
                record.warnings.push(error.to_string().into());
            }
        }
        let Some(stream) = error.stream() else {
            self.abort_answers(CloseReason::ClientError);
            self.give_up_all_waiting(CloseReason::ClientError);
            self.cut_branches();
            return true;
        };
        match self.position(stream) {
            Some(index) => {
                if let Some(exchange) = self.exchanges.get_mut(index)
                    && !exchange.transaction.is_deferred()
                {
                    exchange.transaction.refuse_malformed(error.status(), &error.to_string());
                }
                self.drain(stream);
            }
            None if self.branches.iter().any(|branch| branch.stream == stream) => {
                self.cut_branch(stream);
            }
            None => {
                self.give_up_waiting(stream, CloseReason::ClientError);
                let status = error.status();
                let title = status.canonical_reason().unwrap_or("Bad request");
                let reply = self.page(Form::Json, status, title, &error.to_string(), "");
                self.send_reply(stream, reply, SendBody::Yes);
            }
        }
        true
    }

    /// The next request did not come in time.
    pub(super) fn on_request_overdue(&mut self) {
        let Stage::Proxying(proxying) = &mut self.stage else { return };
        if proxying.head_since.is_none() {
            proxying.codec.close_when_idle();
            return self.part(CloseReason::ClientIdleTimeout, Close::Graceful);
        }
        // Whoever is still sending a head hears no answer; there is no request to give it to.
        self.part(CloseReason::ClientIdleTimeout, Close::Abort);
    }
}
