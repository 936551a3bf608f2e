//! A response on its way through a service: RESPMOD.

use std::time::Instant;

use gateway_h1h2::{BodySize, Event, ResetReason, ResponseHead};
use http::StatusCode;

use super::super::response::State;
use super::super::response_head::answer_has_body;
use super::super::{Leg, Transaction, millis};
use super::{Adaptation, AnswerBody, strip_for_service};
use crate::adapter::Offer;

impl Transaction {
    /// The origin has answered: its response goes on, or to a service first.
    pub(in crate::transaction) fn on_origin_head(&mut self, mut head: Box<ResponseHead>) {
        let awaited = matches!(self.response.state, State::Awaiting);
        if !awaited || self.adapting.response.is_some() || !self.accepts_head(&mut head) {
            return;
        }
        let switches = head.status == StatusCode::SWITCHING_PROTOCOLS;
        match self.response_adapter(&head).filter(|_| !switches) {
            Some(adapter) => self.offer_response(adapter, head),
            None => self.on_response_head(head),
        }
    }

    /// Whether the response may go through a service, as far as that is known: it must come whole
    /// then, since what comes in parts shows in none of them.
    pub(in crate::transaction) fn may_adapt_response(&self) -> bool {
        self.adapter_by(Leg::Origin, &self.judge.facts).is_some()
    }

    fn response_adapter(&self, head: &ResponseHead) -> Option<usize> {
        let by_condition = |adapter: &std::sync::Arc<crate::Adapter>| adapter.when.is_some();
        if !self.policy.settings.adapters.iter().any(by_condition) {
            return self.adapter_by(Leg::Origin, &self.judge.facts);
        }
        // The rules shall see the head that the client gets.
        let mut facts = self.judge.facts.clone();
        crate::facts::response_head(&self.policy.rules, &mut facts, head);
        self.adapter_by(Leg::Origin, &facts)
    }

    fn offer_response(&mut self, adapter: usize, head: Box<ResponseHead>) {
        if let Some(record) = &mut self.record {
            let ttfb = self.now.saturating_duration_since(self.started);
            record.timings.origin_ttfb_ms.get_or_insert_with(|| millis(ttfb));
        }
        let body = match answer_has_body(&self.head, &head) {
            true => head.body,
            false => BodySize::Empty,
        };
        let Ok(request) = self.shown(&self.head, BodySize::Empty) else {
            return self.on_origin_reset(ResetReason::Truncated);
        };
        let mut shown = ResponseHead { body, ..(*head).clone() };
        strip_for_service(&mut shown.fields);
        let offer = self.offer(adapter, request);
        let offer = |kept| Offer { response: Some(shown), ..offer(kept) };
        let Some(settings) = self.policy.settings.adapters.get(adapter) else { return };
        let original = Event::ResponseHead(head);
        let adaptation = Adaptation::new(settings, Leg::Origin, original, body, offer, self.now);
        self.adapting.response = Some(Box::new(adaptation));
        self.settle_adaptation(Leg::Origin);
    }

    /// The origin has sent more of a response that a service has.
    pub(in crate::transaction) fn on_offered_response(&mut self, event: Event) {
        let now = self.now;
        let Some(adaptation) = self.adapting.of(Leg::Origin) else { return };
        match event {
            Event::Reset(_) | Event::Retry if adaptation.is_over() => {}
            Event::Reset(_) | Event::Retry => {
                adaptation.cancel(now);
                self.settle_adaptation(Leg::Origin);
                self.on_origin_reset(ResetReason::Truncated);
            }
            event => {
                adaptation.source(event);
                self.settle_adaptation(Leg::Origin);
            }
        }
    }

    /// What a service made of the response goes on.
    pub(super) fn on_adapted_response(&mut self, event: Event) {
        self.response.awaits_since(self.now);
        match event {
            Event::ResponseHead(head) => {
                self.note_answer_body(&head);
                self.on_response_head(head);
            }
            Event::Data(_) if self.adapting.body == AnswerBody::None => {}
            event => self.on_response(event),
        }
    }

    pub(super) fn note_answer_body(&mut self, head: &ResponseHead) {
        if !answer_has_body(&self.head, head) {
            self.adapting.body = AnswerBody::None;
        }
    }

    /// Whether a service has the response, and nothing of what it says has come.
    pub(in crate::transaction) fn is_response_offered(&self) -> bool {
        self.adapting.response.is_some() && matches!(self.response.state, State::Awaiting)
    }

    /// Until when the origin must have sent more of a response that a service has. What the service
    /// takes is the driver's to bound.
    pub(in crate::transaction) fn offered_deadline(&self) -> Option<Instant> {
        let adaptation = self.adapting.response.as_ref()?;
        let awaited = !adaptation.has_ended() && adaptation.has_room();
        let idle = self.policy.settings.timeouts.body_idle;
        self.response.last_heard().filter(|_| awaited).map(|last| last + idle)
    }
}
