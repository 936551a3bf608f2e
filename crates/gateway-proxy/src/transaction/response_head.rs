//! The head of a response: decided on, held until the first byte of its body may leave, and sent.

use gateway_h1h2::ws::{Agreed, HandshakeError};
use gateway_h1h2::{BodySize, Event, FieldError, RequestHead, ResetReason, ResponseHead, Version};
use gateway_log::Direction;
use gateway_rules::{Gate, HeaderSide};
use http::{Method, StatusCode};

use super::Output;
use super::Transaction;
use super::response::State;
use crate::body::Body;
use crate::clock::millis;
use crate::cuts;
use crate::judge::Ruling;
use crate::rewrite;

impl Transaction {
    pub(super) fn on_informational(&mut self, head: Box<ResponseHead>) {
        let answered = head.status == StatusCode::CONTINUE && self.request.continued_here;
        let awaiting = matches!(self.response.state, State::Awaiting);
        if answered || !awaiting || self.is_joining() || !takes_informational(&self.head) {
            return;
        }
        let via = self.via_of_response();
        if let Ok(head) = rewrite::response(head, &self.policy.settings, via) {
            if head.status == StatusCode::CONTINUE {
                self.request.goes_on(self.now);
            }
            self.emit(Output::Client(Event::Informational(head)));
        }
    }

    pub(super) fn on_response_head(&mut self, head: Box<ResponseHead>) {
        if !matches!(self.response.state, State::Awaiting) {
            return;
        }
        self.request.conversation = true;
        let policy = self.policy.clone();
        if let Some(record) = &mut self.record {
            let ttfb = self.now.saturating_duration_since(self.started);
            record.timings.origin_ttfb_ms.get_or_insert_with(|| millis(ttfb));
        }
        // What is written into heads may be of this one.
        if !self.judge.is_settled() || !self.judge.changing.is_empty() {
            self.tell_worker();
            crate::facts::response_head(&policy.rules, &mut self.judge.facts, &head);
        }
        let switches = head.status == StatusCode::SWITCHING_PROTOCOLS;
        if !switches && self.expects_messages() {
            // No message follows: the request was all there is.
            self.websocket = None;
            crate::facts::body_ended(&mut self.judge.facts, Direction::Upload);
        }
        let needed = match self.judge.ask(Gate::ResponseHead) {
            Ruling::Refuse(refusal) => return self.refuse(&refusal),
            Ruling::Proceed(needed) => Some(needed),
            // What is still missing lies behind this gate or cannot be had.
            Ruling::Wait | Ruling::DoNotInspect(_) => None,
        };
        if switches {
            return self.switch(head);
        }
        let body = match needed {
            Some(needed) if answer_has_body(&self.head, &head) => {
                let wants = self.with_sample(needed.of_body(Direction::Download));
                let mut body = Body::of_message(&policy, &wants, &head.fields, head.body);
                let texts = policy.settings.head_scan.of_response(&head.fields);
                let now = self.now;
                self.clock.measure(&mut self.scanned, || body.look_at_head(&policy, texts, now));
                self.show_response(&mut body, &head);
                self.offer_page(&mut body, &head);
                body
            }
            _ => Body::unwatched(&policy),
        };
        let events = head.fields.get("content-type").is_some_and(is_event_stream);
        if events || rewrite::is_grpc(&head.fields) {
            self.response.idle_max = policy.settings.timeouts.tunnel_idle;
        } else if let Some(stall) = self.worker_stall() {
            self.response.idle_max = stall;
        }
        let holds = body.holds();
        self.response.validator = if holds { cuts::validator(&head.fields) } else { None };
        self.response.body = Some(body);
        self.response.state = State::HeadHeld(head);
        if !holds {
            self.send_response_head();
        }
    }

    /// The origin has agreed to change the protocol.
    fn switch(&mut self, head: Box<ResponseHead>) {
        let agreed = self.websocket.as_ref().map(|handshake| handshake.accepts(&head));
        let agreed = match agreed {
            Some(Ok(agreed)) => agreed,
            Some(Err(HandshakeError::Extensions)) if !self.expects_messages() => Agreed::default(),
            Some(Err(error)) => {
                self.note_warning(&error.to_string());
                return self.on_origin_reset(ResetReason::Truncated);
            }
            None => return self.on_origin_reset(ResetReason::Truncated),
        };
        if self.expects_messages() {
            self.begin_messages(agreed);
        }
        let out = rewrite::response(head, &self.policy.settings, self.via_of_response());
        match out.and_then(|out| self.changed_response(out)) {
            Ok(out) => {
                self.response.status = Some(out.status);
                self.response.state = State::Upgraded;
                self.emit(Output::Client(Event::ResponseHead(out)));
            }
            Err(_) => self.on_origin_reset(ResetReason::Truncated),
        }
    }

    /// The head of a response with what rules change in it.
    fn changed_response(
        &mut self,
        mut head: Box<ResponseHead>,
    ) -> Result<Box<ResponseHead>, FieldError> {
        self.judge.change_head(HeaderSide::Response, &self.host, &mut head.fields)?;
        Ok(head)
    }

    /// Sends the head that was held; false if that ended the transaction.
    pub(super) fn send_response_head(&mut self) -> bool {
        let head = match std::mem::replace(&mut self.response.state, State::Awaiting) {
            State::HeadHeld(head) => head,
            other => {
                self.response.state = other;
                return true;
            }
        };
        let mut out = rewrite::response(head, &self.policy.settings, self.via_of_response());
        if let Ok(out) = &mut out
            && self.response.body.as_ref().is_some_and(Body::may_be_edited)
        {
            rewrite::forget_content(&mut out.fields);
        }
        match out.and_then(|out| self.changed_response(out)) {
            Ok(out) => {
                self.response.status = Some(out.status);
                self.response.state = State::Sending;
                self.emit(Output::Client(Event::ResponseHead(out)));
                true
            }
            Err(_) => {
                self.on_origin_reset(ResetReason::Truncated);
                false
            }
        }
    }
}

/// Whether a response to this request has a body.
pub(super) fn answer_has_body(request: &RequestHead, response: &ResponseHead) -> bool {
    request.method != Method::HEAD
        && response.status != StatusCode::NO_CONTENT
        && response.status != StatusCode::NOT_MODIFIED
        && response.body != BodySize::Empty
}

/// Whether the client understands interim responses (RFC 9110 §15.2).
fn takes_informational(request: &RequestHead) -> bool {
    request.version != Version::Http10
}

/// Whether events are to be expected at any time, with silence between them.
fn is_event_stream(content_type: &[u8]) -> bool {
    content_type
        .get(..b"text/event-stream".len())
        .is_some_and(|essence| essence.eq_ignore_ascii_case(b"text/event-stream"))
}
