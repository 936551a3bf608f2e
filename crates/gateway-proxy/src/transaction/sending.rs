//! The body of a request on its way: looked at, sent on, and given up when it takes too long. What
//! comes before it is in [`request`](super::request).

use std::time::Instant;

use gateway_h1h2::{Event, Fields, ResetReason};
use gateway_inspect::Unscannable;
use gateway_log::{CloseReason, Direction};
use http::StatusCode;

use super::request::State;
use super::{Leg, Output, Transaction, give_up, tell, work};
use crate::body::Release;
use crate::judge::Ruling;

impl Transaction {
    /// The client's codec has delivered something.
    pub(super) fn on_client(&mut self, event: Event) {
        self.request.last = Some(self.now);
        let of_body = matches!(event, Event::Data(_) | Event::Trailers(_) | Event::End);
        if of_body && self.request.state == State::Deciding {
            return self.request.early.push(event);
        }
        match event {
            Event::Data(bytes) => {
                self.owed.client += bytes.len() as u64;
                if self.request.body.bytes() == 0 {
                    self.request.pace.go_on(self.now);
                }
                if self.request.state == State::Stopped {
                    return;
                }
                self.request.body.push(bytes, self.now);
                if self.is_too_slow() {
                    return self.answer_slow_client();
                }
                self.pump_request();
            }
            Event::Trailers(fields) => self.request.trailers = Some(*fields),
            Event::End if self.request.state == State::Stopped => {}
            Event::End => {
                let trailers = self.request.trailers.take();
                self.request.body.end(trailers);
                self.pump_request();
            }
            Event::Reset(ResetReason::Truncated) => self.abort(CloseReason::ClientError),
            Event::Reset(_) => self.abort(CloseReason::ClientClosed),
            // Not events of a request after its head.
            _ => {}
        }
    }

    /// Looks at what came of the body, and sends what may leave.
    pub(super) fn pump_request(&mut self) {
        let is_over = matches!(self.request.state, State::Stopped | State::Sent);
        if is_over || self.keeps_on(Direction::Upload) {
            return;
        }
        if self.expects_messages() {
            return self.pump_offer();
        }
        let (ruling, worked) = work(
            &mut self.request.body,
            self.response.body.as_ref(),
            Direction::Upload,
            &mut self.judge,
            &self.clock,
            &mut self.scanned,
            self.now,
        );
        self.feed_scans(Leg::Client);
        if let Some(Ruling::Refuse(refusal)) = ruling {
            return self.refuse_body(Direction::Upload, refusal);
        }
        if self.request.body.is_stuck() && !worked.again {
            self.give_up_request(Unscannable::TooLarge);
        }
        self.request.body.advance(self.now);
        self.flush_request();
        if worked.again {
            self.emit(Output::Again);
        }
    }

    /// A request that offers to change to WebSocket has no body, but what follows it may be one:
    /// its end decides nothing yet, and what its head shows may.
    fn pump_offer(&mut self) {
        let worked = self.request.body.work(self.now);
        if worked.news {
            let (body, judge) = (&mut self.request.body, &mut self.judge);
            if let Some(Ruling::Refuse(refusal)) = tell(body, None, Direction::Upload, judge, false)
            {
                return self.refuse_body(Direction::Upload, refusal);
            }
        }
        if worked.settled {
            self.request.body.decide_end();
        }
        self.flush_request();
    }

    fn give_up_request(&mut self, reason: Unscannable) {
        if self.ends_keeping_of(Direction::Upload) {
            return;
        }
        let other = self.response.body.as_ref();
        let body = &mut self.request.body;
        let ruling = give_up(body, other, Direction::Upload, &mut self.judge, reason, self.now);
        if let Some(Ruling::Refuse(refusal)) = ruling {
            self.refuse_body(Direction::Upload, refusal);
        }
    }

    /// The wait for an answer begins anew; in a conversation it does not begin before the end.
    pub(super) fn await_answer(&mut self) {
        if !self.request.conversation || self.is_worker_awaited() {
            self.response.awaits_since(self.now);
        }
    }

    pub(super) fn flush_request(&mut self) {
        if self.request.state == State::Ready
            && self.request.body.has_release()
            && !self.send_head()
        {
            return;
        }
        while self.request.state == State::Sending && self.adapting.takes_request() {
            match self.request.body.pop() {
                Some(Release::Data(bytes)) => self.request_out(Event::Data(bytes)),
                Some(Release::Trailers(trailers)) => {
                    self.request_out(Event::Trailers(Box::new(trailers)));
                }
                Some(Release::End) => {
                    self.request.state = State::Sent;
                    self.request_out(Event::End);
                }
                None => break,
            }
        }
    }

    /// Sends what follows the head to the origin.
    pub(super) fn send_on(&mut self, event: Event) {
        match &event {
            Event::Data(bytes) => {
                self.keep_for_replay(bytes);
                self.await_answer();
            }
            Event::Trailers(trailers) => {
                if let Some(replay) = &mut self.request.replay {
                    replay.trailers = Some(Fields::clone(trailers));
                }
            }
            Event::End => {
                if let Some(replay) = &mut self.request.replay {
                    replay.ended = true;
                }
                self.response.awaits_since(self.now);
            }
            // Nothing else follows a head.
            _ => {}
        }
        self.emit(Output::Origin(event));
    }

    /// When the client, or what holds its request, has to be looked at.
    pub(super) fn request_deadline(&self) -> Option<Instant> {
        // A client that is kept waiting by a service is not slow.
        let kept_waiting = self.request.is_sending() && !self.adapting.takes_request();
        self.request.deadline(&self.policy.settings).filter(|_| !kept_waiting)
    }

    pub(super) fn on_request_timeout(&mut self) {
        let settings = &self.policy.settings;
        if self.request_deadline().is_none_or(|at| self.now < at) {
            return;
        }
        let (hold_ms_max, idle_release_ms) = {
            let inspect = &settings.limits.inspect;
            (inspect.hold_ms_max, inspect.idle_release_ms)
        };
        let body_idle = self.request.idle_max(settings);
        let idle = self.request.pace.is_running()
            && self.request.last.is_some_and(|last| self.now >= last + body_idle);
        if !self.request.body.has_ended() && (idle || self.is_too_slow()) {
            return self.answer_slow_client();
        }
        let timeouts = &self.policy.settings.timeouts;
        if self.request.stalled_at(timeouts).is_some_and(|at| self.now >= at) {
            let (title, detail) = ("Gateway timeout", "The origin takes no more of the request.");
            let reason = CloseReason::OriginError;
            return self.answer_error(StatusCode::GATEWAY_TIMEOUT, title, detail, reason);
        }
        if self.request.body.is_held_longer_than(hold_ms_max, self.now) {
            self.give_up_request(Unscannable::WorkExceeded);
        } else {
            self.request.body.release_idle(idle_release_ms, self.now);
        }
        self.request.body.advance(self.now);
        self.flush_request();
    }

    /// Whether the client sends its body more slowly than allowed.
    fn is_too_slow(&self) -> bool {
        let timeouts = &self.policy.settings.timeouts;
        let took = self.request.pace.took(self.now);
        !self.request.conversation
            && took >= timeouts.body_rate_after
            && self.request.body.bytes() < timeouts.body_rate_min * took.as_secs()
    }

    fn answer_slow_client(&mut self) {
        let detail = "The request body took too long.";
        let reason = CloseReason::ClientIdleTimeout;
        self.answer_error(StatusCode::REQUEST_TIMEOUT, "Request timeout", detail, reason);
    }
}
