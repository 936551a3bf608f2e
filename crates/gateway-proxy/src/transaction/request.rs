//! The request track: from the decision on the head to the head at the origin; its body goes on in
//! [`sending`](super::sending).

use std::net::IpAddr;
use std::time::{Duration, Instant};

use gateway_h1h2::{BodySize, Event, Fields, RequestHead, ResponseHead, Version};
use gateway_log::{CloseReason, Direction};
use gateway_rules::{Gate, HeaderSide, Phase};
use http::{Method, StatusCode};

use super::pace::Pace;
use super::replay::Replay;
use super::{Output, Transaction};
use crate::Timeouts;
use crate::body::Body;
use crate::dial::{Dialed, Reuse};
use crate::judge::Ruling;
use crate::key::literal;
use crate::policy::{Policy, Settings};
use crate::rewrite::{self, Forwarded, Via};

/// The request on its way to the origin.
pub(super) struct Request {
    pub(super) state: State,
    pub(super) body: Body,
    pub(super) trailers: Option<Fields>,
    /// What came before the decision on the head: at most the credit that a body begins with.
    pub(super) early: Vec<Event>,
    /// When the client last did its part, or could again.
    pub(super) last: Option<Instant>,
    pub(super) pace: Pace,
    /// Whether the head that goes out asks for an answer that can be read.
    readable_answer: bool,
    pub(super) continued_here: bool,
    /// Nobody knows how fast it will come: it is a stream of messages, or a part of a conversation
    /// in which the origin has begun to speak.
    pub(super) conversation: bool,
    pub(super) replay: Option<Replay>,
}

/// Where the request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The rules want to know what the host resolves to.
    Deciding,
    /// Allowed; the origin is not connected yet.
    Dialing,
    /// The origin is connected; the head waits for the first byte that may leave.
    Ready,
    /// The head is out, the body follows.
    Sending,
    /// All is out.
    Sent,
    /// Nothing more goes out: refused, cut, or answered before its end.
    Stopped,
}

impl Request {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            state: State::Deciding,
            body: Body::unwatched(policy),
            trailers: None,
            early: Vec::new(),
            last: None,
            pace: Pace::default(),
            readable_answer: false,
            continued_here: false,
            conversation: false,
            replay: None,
        }
    }

    pub(super) fn has_room(&self) -> bool {
        match self.state {
            // A client that is being refused may finish what it is sending, which its codec drains;
            // one that has sent everything is read so that its leaving shows.
            State::Stopped | State::Sent => true,
            State::Deciding | State::Dialing | State::Ready | State::Sending => {
                self.body.has_room()
            }
        }
    }

    /// Whether its body is on its way out of the pipeline.
    pub(super) fn is_sending(&self) -> bool {
        self.state == State::Sending
    }

    /// Whether the origin has been sent any of it.
    pub(super) fn has_begun(&self) -> bool {
        matches!(self.state, State::Sending | State::Sent)
    }

    pub(super) fn deadline(&self, settings: &Settings) -> Option<Instant> {
        match self.state {
            State::Sent | State::Stopped => None,
            State::Deciding | State::Dialing | State::Ready | State::Sending => {
                let timeouts = &settings.timeouts;
                // Whom we stop does not keep us waiting.
                let awaited =
                    !self.body.has_ended() && self.body.has_room() && self.pace.is_running();
                let idle = self.last.filter(|_| awaited).map(|last| last + self.idle_max(settings));
                let slow = self
                    .pace
                    .reaches(timeouts.body_rate_after)
                    .filter(|_| awaited && !self.conversation)
                    .filter(|at| self.last.is_none_or(|last| *at > last));
                let held = held_deadline(&self.body, settings);
                [idle, slow, held, self.stalled_at(timeouts)].into_iter().flatten().min()
            }
        }
    }

    /// Whether the origin keeps the client from going on with its body.
    pub(super) fn is_stopped_midway(&self) -> bool {
        let begun = self.body.bytes() > 0 && !self.body.has_ended();
        begun && self.pace.stopped_since().is_some()
    }

    /// When a client that is stopped has waited long enough for anything to move.
    pub(super) fn stalled_at(&self, timeouts: &Timeouts) -> Option<Instant> {
        let stopped = self.pace.stopped_since().filter(|_| !self.body.has_ended());
        stopped.map(|since| since + timeouts.stall)
    }

    /// The client can send its body, or more of it.
    pub(super) fn goes_on(&mut self, now: Instant) {
        if !self.pace.is_running() {
            self.pace.go_on(now);
            self.last = Some(now);
        }
    }

    /// The client cannot send more until we let it.
    pub(super) fn stops(&mut self, now: Instant) {
        self.pace.stop(now);
    }

    /// The origin has taken some of what waits for it.
    pub(super) fn moves(&mut self, now: Instant) {
        self.pace.moves(now);
    }

    /// How long the client may be silent.
    pub(super) fn idle_max(&self, settings: &Settings) -> Duration {
        let timeouts = &settings.timeouts;
        if self.conversation { timeouts.tunnel_idle } else { timeouts.body_idle }
    }
}

/// When a hold limit of `body` has to be looked at.
pub(super) fn held_deadline(body: &Body, settings: &Settings) -> Option<Instant> {
    let inspect = &settings.limits.inspect;
    let held = body.held_since().map(|at| at + millis(inspect.hold_ms_max));
    let idle = body
        .idle_since()
        .filter(|_| inspect.idle_release_ms > 0)
        .map(|at| at + millis(inspect.idle_release_ms));
    [held, idle, body.trickles_at()].into_iter().flatten().min()
}

const fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Transaction {
    /// Decides on the head of a request for an origin, which has been resolved to `addresses`, if there are any.
    pub(super) fn begin_request(&mut self, addresses: &[IpAddr]) {
        self.request.last = Some(self.now);
        // Who waits to be told to go on (RFC 9110 §10.1.1) has not begun.
        if rewrite::expects_continue(&self.head) {
            self.request.pace.stop(self.now);
        } else {
            self.request.pace.go_on(self.now);
        }
        self.request.conversation = rewrite::is_grpc(&self.head.fields);
        if let Some((status, title, detail)) = self.unacceptable() {
            return self.answer_error(status, title, detail, CloseReason::ProxyConnRefused);
        }
        if self.head.method == Method::OPTIONS
            && rewrite::max_forwards(&self.head.fields) == Some(0)
        {
            return self.answer_options();
        }
        if let Some(refusal) = self.asks_for_what_was_cut() {
            return self.refuse(&refusal);
        }
        let named_by_address = literal(&self.origin.host).is_some();
        if named_by_address || !self.judge.reads_addresses() {
            self.judge.facts.close(Phase::Connect);
        }
        self.decide_head(addresses);
    }

    /// What the host resolves to is known.
    pub(super) fn on_addresses(&mut self, addresses: &[IpAddr]) {
        if self.request.state != State::Deciding {
            return;
        }
        let policy = self.policy.clone();
        crate::facts::addresses(&policy, &mut self.judge.facts, addresses);
        self.judge.facts.close(Phase::Connect);
        self.decide_head(addresses);
        for event in std::mem::take(&mut self.request.early) {
            self.on_client(event);
        }
    }

    fn decide_head(&mut self, addresses: &[IpAddr]) {
        match self.judge.ask(Gate::RequestHead) {
            Ruling::Proceed(mut needed) => {
                let forward = needed.take_forward();
                if forward.is_some() && !self.judge.facts.closed().contains(Phase::Connect) {
                    // Behind a Worker the address would be known too late for the rules.
                    return self.emit(Output::Resolve);
                }
                let wants = self.with_sample(needed.of_body(Direction::Upload));
                debug_assert_eq!(self.request.body.bytes(), 0, "nothing is taken in before");
                let RequestHead { fields, body, .. } = &*self.head;
                self.request.body = Body::of_message(&self.policy, &wants, fields, *body);
                let texts = self.policy.settings.head_scan.of_request(&self.head);
                let (upload, policy, now) = (&mut self.request.body, &self.policy, self.now);
                self.clock.measure(&mut self.scanned, || upload.look_at_head(policy, texts, now));
                if let Some(prompt) = crate::facts::prompt_of(&self.policy, &self.head, &self.host)
                {
                    let info = rewrite::body_info(fields, *body);
                    self.request.body.carries(prompt, &info);
                }
                self.show_request();
                let is_read = !needed.of_body(Direction::Download).any.is_empty();
                self.request.readable_answer = is_read || self.may_adapt_response();
                // Neither a Worker nor a service asks for it.
                let is_held = self.request.body.holds() || forward.is_some();
                if is_held || self.request_adapter().is_some() {
                    self.continue_here();
                }
                match forward {
                    Some(forward) => self.forward(forward, addresses),
                    None => self.dial(addresses.to_vec(), Reuse::Pooled),
                }
            }
            Ruling::Refuse(refusal) => self.refuse(&refusal),
            Ruling::Wait if self.judge.facts.closed().contains(Phase::Connect) => {
                // All that can be had is there: an answer is certain. Fail closed.
                let detail = "The rules reach no decision.";
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                self.answer_error(status, "Undecided", detail, CloseReason::Unknown);
            }
            Ruling::Wait => self.emit(Output::Resolve),
            Ruling::DoNotInspect(_) => {
                self.adapting.switch_off();
                self.dial(addresses.to_vec(), Reuse::Pooled);
            }
        }
    }

    /// A body that is looked at before the origin gets any cannot wait to be asked for (RFC 9110 §10.1.1).
    fn continue_here(&mut self) {
        if rewrite::expects_continue(&self.head) {
            self.request.continued_here = true;
            self.request.goes_on(self.now);
            self.emit(Output::Client(Event::Informational(Box::new(ResponseHead::new(
                StatusCode::CONTINUE,
            )))));
        }
    }

    pub(super) fn dial(&mut self, addresses: Vec<IpAddr>, reuse: Reuse) {
        self.request.state = State::Dialing;
        self.addresses.clone_from(&addresses);
        self.dial_started = Some(self.now);
        self.attempts += 1;
        self.emit(Output::Dial(addresses, reuse));
    }

    /// The origin is connected.
    pub(super) fn on_dialed(&mut self, dialed: Dialed) {
        if self.request.state != State::Dialing {
            return;
        }
        let policy = self.policy.clone();
        if !self.judge.facts.closed().contains(Phase::Connect) {
            let addresses = [dialed.peer.ip()];
            crate::facts::addresses(&policy, &mut self.judge.facts, &addresses);
            self.judge.facts.close(Phase::Connect);
            // Rules have been told so: the request goes nowhere else.
            if self.judge.reads_addresses() {
                self.addresses = addresses.to_vec();
            }
        }
        let sent_before = self.request.replay.take();
        // A new connection is not expected to fail, but HTTP/2 may refuse a stream (RFC 9113 §8.7),
        // and one that waits may be closed by the time it is needed.
        let waits = self.request.body.holds() || self.request_adapter().is_some();
        if dialed.reused || dialed.version() == Version::Http2 || waits {
            self.request.replay = Some(Replay::default());
        }
        self.dial_started = None;
        self.dialed = Some(dialed);
        self.request.state = State::Ready;
        if self.attempts > 1 {
            self.send_again(sent_before.unwrap_or_default());
        } else if !self.request.body.holds() && !self.owes_an_end() {
            self.send_head();
        }
        self.pump_request();
    }

    /// Whether the head says that nothing follows and the client has not said so: in HTTP/2 a body
    /// may come that breaks the word, and in HTTP/1.1 the head alone is the whole request.
    fn owes_an_end(&self) -> bool {
        self.head.body == BodySize::Length(0) && !self.request.body.has_ended()
    }

    /// Sends the head; false if that ended the transaction.
    pub(super) fn send_head(&mut self) -> bool {
        let adapter = self.request_adapter();
        let forwarded = Forwarded {
            readable_answer: self.request.readable_answer,
            continued_here: self.request.continued_here,
            websocket: self.websocket.as_deref(),
            // A service does not see it.
            via: if adapter.is_some() { Via::Leave } else { self.via_of_request() },
        };
        let named = crate::facts::Named {
            scheme: self.origin.scheme(),
            host: &self.host,
            port: self.origin.port,
        };
        let head = rewrite::request(&self.head, &named, &self.policy.settings, forwarded);
        let head = head.and_then(|mut head| {
            if self.request.body.may_be_edited() {
                rewrite::forget_content(&mut head.fields);
            }
            self.judge.change_head(HeaderSide::Request, &self.host, &mut head.fields)?;
            Ok(head)
        });
        match (head, adapter) {
            (Ok(head), None) => {
                self.request.state = State::Sending;
                self.head_out(Box::new(head))
            }
            (Ok(head), Some(adapter)) => {
                self.request.state = State::Sending;
                self.offer_request(adapter, Box::new(head));
                !self.is_done()
            }
            (Err(_), _) => {
                self.unfit_head();
                false
            }
        }
    }

    /// Sends the head as it leaves.
    pub(super) fn begin_sending(&mut self, head: Box<RequestHead>) {
        if let Some(replay) = &mut self.request.replay {
            replay.began = true;
        }
        self.await_answer();
        self.worker_has_head();
        self.emit(Output::Origin(Event::RequestHead(head)));
    }
}
