//! The response track: from the origin's first event to the last byte at the client. What becomes of the
//! head is in [`response_head`](super::response_head).

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{Event, Fields, ResetReason, ResponseHead};
use gateway_inspect::Unscannable;
use gateway_log::{CloseReason, Direction, WorkerOutcome};
use http::StatusCode;

use super::deferred::Deferral;
use super::request::held_deadline;
use super::{Leg, May, Output, Transaction, give_up, request, work};
use crate::body::{Body, Release};
use crate::judge::Ruling;
use crate::policy::{Policy, Settings};

/// The response on its way to the client.
pub(super) struct Response {
    pub(super) state: State,
    /// The body of the origin's response; `None` before its head.
    pub(super) body: Option<Body>,
    trailers: Option<Fields>,
    /// What names it if it can be refused once a part of it has left.
    pub(super) validator: Option<Bytes>,
    /// When the origin last did its part.
    last: Option<Instant>,
    pub(super) idle_max: Duration,
    /// Since when the client has taken nothing, if more waits for it than may.
    pub(super) stopped: Option<Instant>,
    /// The status that the client sees.
    pub(super) status: Option<StatusCode>,
    /// Whether a page stands for it.
    pub(super) deferral: Deferral,
}

/// Where the response stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// No final head yet.
    Awaiting,
    /// The head waits for the first byte that may leave: until then a block is a page.
    HeadHeld(Box<ResponseHead>),
    /// The head is out, the body follows.
    Sending,
    /// The head has changed the protocol.
    Upgraded,
    /// The end, a page or a cut is out.
    Done,
}

impl Response {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            state: State::Awaiting,
            body: None,
            trailers: None,
            validator: None,
            last: None,
            idle_max: policy.settings.timeouts.body_idle,
            stopped: None,
            status: None,
            deferral: Deferral::Not,
        }
    }

    pub(super) fn has_room(&self) -> bool {
        match &self.state {
            State::Awaiting | State::Upgraded => true,
            State::Done => false,
            State::HeadHeld(_) | State::Sending => {
                self.body.as_ref().is_none_or(|body| body.has_room() || body.has_ended())
            }
        }
    }

    /// The wait for the head begins anew: the origin has just been sent something.
    pub(super) fn awaits_since(&mut self, now: Instant) {
        self.last = Some(now);
    }

    /// The origin has taken some of the request that waits for it.
    pub(super) fn origin_took(&mut self, now: Instant) {
        if matches!(self.state, State::Awaiting) {
            self.last = self.last.map(|last| last.max(now));
        }
    }

    /// The client has taken some of what waits for it.
    pub(super) fn client_took(&mut self, now: Instant) {
        if matches!(self.state, State::HeadHeld(_) | State::Sending) {
            self.last = self.last.map(|last| last.max(now));
        }
        self.stopped = self.stopped.map(|stopped| stopped.max(now));
    }

    /// Whether the origin can go on for all the client takes.
    pub(super) fn lets_origin(&mut self, may: May, now: Instant) {
        match may {
            May::Wait => _ = self.stopped.get_or_insert(now),
            May::Send if self.stopped.take().is_some() => self.client_took(now),
            May::Send => {}
        }
    }

    /// Whether the client has taken nothing for too long.
    fn is_stalled(&self, settings: &Settings, now: Instant) -> bool {
        self.stopped.is_some_and(|since| now >= since + settings.timeouts.stall)
    }

    /// When it was last heard of, or the wait for it began.
    pub(super) const fn last_heard(&self) -> Option<Instant> {
        self.last
    }

    pub(super) fn deadline(&self, settings: &Settings) -> Option<Instant> {
        match &self.state {
            State::Done | State::Upgraded => None,
            State::Awaiting => self.last.map(|at| at + settings.timeouts.response_head),
            State::HeadHeld(_) | State::Sending => {
                let stalled = self.stopped.map(|since| since + settings.timeouts.stall);
                let Some(body) = self.body.as_ref() else { return stalled };
                // Whom the client keeps waiting is not idle.
                let waits = !body.has_ended() && body.has_room() && self.stopped.is_none();
                let idle = self.last.filter(|_| waits).map(|at| at + self.idle_max);
                let page = self.page_due(&settings.release);
                let idle = idle.into_iter().chain(page);
                idle.chain(stalled).chain(held_deadline(body, settings)).min()
            }
        }
    }
}

impl Transaction {
    /// The origin's codec has delivered something.
    pub(super) fn on_origin(&mut self, event: Event) {
        self.response.last = Some(self.now);
        if let Event::Data(bytes) = &event {
            self.owed.origin += bytes.len() as u64;
        }
        match event {
            Event::ResponseHead(head) => self.on_origin_head(head),
            event if self.adapting.has_response() => self.on_offered_response(event),
            event => self.on_response(event),
        }
    }

    /// The next of the response after those who may change it.
    pub(super) fn on_response(&mut self, event: Event) {
        match event {
            Event::Informational(head) => self.on_informational(head),
            Event::ResponseHead(head) => self.on_response_head(head),
            Event::Data(bytes) => {
                if let Some(body) = &mut self.response.body {
                    body.push(bytes, self.now);
                    self.pump_response();
                }
            }
            Event::Trailers(fields) => self.response.trailers = Some(*fields),
            Event::End => {
                let trailers = self.response.trailers.take();
                if let Some(body) = &mut self.response.body {
                    body.end(trailers);
                    self.pump_response();
                }
            }
            Event::Reset(reason) => self.on_origin_reset(reason),
            Event::Retry if self.may_retry(true) => self.retry(),
            Event::Retry => self.on_origin_reset(ResetReason::Unanswered),
            Event::Upgrade => {
                self.emit(Output::Upgrade);
                if !self.expects_messages() {
                    self.finish_upgraded();
                }
            }
            // Not events of a response.
            _ => {}
        }
    }

    /// Whether its body has to wait here, or may have to: it has not begun.
    pub(crate) fn looks_at_response(&self) -> bool {
        self.response.body.as_ref().is_none_or(|body| body.holds())
    }

    /// Looks at what came of the body, and sends what may leave.
    pub(super) fn pump_response(&mut self) {
        if self.is_done() {
            return;
        }
        if self.keeps_on(Direction::Download) {
            return;
        }
        let Some(body) = &mut self.response.body else { return };
        let (ruling, worked) = work(
            body,
            Some(&self.request.body),
            Direction::Download,
            &mut self.judge,
            &self.clock,
            &mut self.scanned,
            self.now,
        );
        let stuck = body.is_stuck() && !worked.again;
        self.feed_scans(Leg::Origin);
        if let Some(Ruling::Refuse(refusal)) = ruling {
            return self.refuse_body(Direction::Download, refusal);
        }
        if stuck && !self.asks_for_page() {
            self.give_up_response(Unscannable::TooLarge);
        }
        self.flush_response();
        self.ask_for_page_in_time();
        if worked.again && !self.is_done() {
            self.emit(Output::Again);
        }
    }

    fn give_up_response(&mut self, reason: Unscannable) {
        if self.ends_keeping_of(Direction::Download) {
            return;
        }
        let Some(body) = &mut self.response.body else { return };
        let other = Some(&self.request.body);
        let ruling = give_up(body, other, Direction::Download, &mut self.judge, reason, self.now);
        if let Some(Ruling::Refuse(refusal)) = ruling {
            self.refuse_body(Direction::Download, refusal);
        }
    }

    pub(super) fn flush_response(&mut self) {
        let Some(body) = &mut self.response.body else { return };
        body.advance(self.now);
        let begins = matches!(self.response.state, State::HeadHeld(_)) && body.has_release();
        if begins && !self.send_response_head() {
            return;
        }
        while matches!(self.response.state, State::Sending) {
            let Some(release) = self.response.body.as_mut().and_then(Body::pop) else { break };
            match release {
                Release::Data(bytes) => self.emit(Output::Client(Event::Data(bytes))),
                Release::Trailers(fields) => {
                    self.emit(Output::Client(Event::Trailers(Box::new(fields))));
                }
                Release::End => {
                    self.response.state = State::Done;
                    self.emit(Output::Client(Event::End));
                    self.finish_answered();
                }
            }
        }
    }

    /// The response will never be complete.
    pub(super) fn on_origin_reset(&mut self, reason: ResetReason) {
        if self.ends_keeping_of(Direction::Download) {
            return;
        }
        if self.is_worker_awaited() {
            return self.worker_failed(WorkerOutcome::Broken);
        }
        self.worker_broke_off(WorkerOutcome::Broken);
        let unanswered = reason == ResetReason::Unanswered;
        if matches!(self.response.state, State::Awaiting) && unanswered && self.may_retry(false) {
            return self.retry();
        }
        if matches!(self.response.state, State::Awaiting | State::HeadHeld(_)) {
            let detail = if unanswered {
                "The origin closed the connection without an answer."
            } else {
                "The origin's answer is not valid or broke off."
            };
            let status = StatusCode::BAD_GATEWAY;
            self.answer_error(status, "Bad gateway", detail, CloseReason::OriginError);
        } else {
            self.cut(CloseReason::OriginError);
        }
    }

    /// When the origin, or what holds its response, has to be looked at.
    pub(super) fn response_deadline(&self) -> Option<Instant> {
        if self.is_response_offered() {
            return self.offered_deadline();
        }
        // Nobody answers what has not been sent; how long that may take is another limit.
        let awaits = matches!(self.response.state, State::Awaiting) && !self.is_worker_awaited();
        if awaits && self.request.is_stopped_midway() {
            return None;
        }
        self.response.deadline(&self.policy.settings)
    }

    pub(super) fn on_response_timeout(&mut self) {
        let settings = &self.policy.settings;
        if self.response_deadline().is_none_or(|at| self.now < at) {
            return;
        }
        if self.is_response_offered() {
            return self.on_offered_response(Event::Reset(ResetReason::Truncated));
        }
        let (hold_ms_max, idle_release_ms) = {
            let inspect = &settings.limits.inspect;
            (inspect.hold_ms_max, inspect.idle_release_ms)
        };
        if matches!(self.response.state, State::Awaiting) {
            if !matches!(self.request.state, request::State::Sending | request::State::Sent) {
                return;
            }
            if self.is_worker_awaited() {
                return self.worker_failed(WorkerOutcome::Deadline);
            }
            let detail = "The origin did not answer in time.";
            let status = StatusCode::GATEWAY_TIMEOUT;
            let reason = CloseReason::OriginError;
            return self.answer_error(status, "Gateway timeout", detail, reason);
        }
        if self.response.is_stalled(settings, self.now) {
            return self.cut(CloseReason::ClientIdleTimeout);
        }
        self.ask_for_page_in_time();
        let Some(body) = &mut self.response.body else { return };
        let idle = self.response.last.is_some_and(|at| self.now >= at + self.response.idle_max);
        if idle && self.response.stopped.is_none() && !body.has_ended() && body.has_room() {
            self.worker_broke_off(WorkerOutcome::Deadline);
            return self.on_origin_reset(ResetReason::Truncated);
        }
        if self.response.deferral == Deferral::Asked {
            // The answer is on its way.
        } else if body.is_held_longer_than(hold_ms_max, self.now) {
            self.give_up_response(Unscannable::WorkExceeded);
        } else {
            body.release_idle(idle_release_ms, self.now);
        }
        self.flush_response();
    }
}
