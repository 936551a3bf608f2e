//! Messages of a transaction on their way through services that may change them: a request after
//! everything that holds it and before its origin, a response before anything looks at it.
//!
//! What is inspected is what the client sent and what it is going to get: such a service stands
//! where the origin's side begins, as a Worker does.

mod record;
mod request;
mod response;

use gateway_h1h2::{
    Authority, BodySize, Event, FieldError, Fields, PathAndQuery, RequestHead, Target,
    UpgradeField, strip_hop_by_hop,
};
use gateway_log::Direction;
use gateway_rules::{Facts, Truth};

use super::{Leg, Output, Returning, Transaction, request::State};
use crate::adaptation::{Adaptation, Step};
use crate::adapter::{AdaptReport, Offer};
use crate::external::ScanFailure;
use crate::facts::Named;

/// The services that the messages of a transaction go through.
#[derive(Default)]
pub(super) struct Adapting {
    request: Option<Box<Adaptation>>,
    response: Option<Box<Adaptation>>,
    /// The head of the request that went on, to be sent again if its connection turns out to be
    /// dead.
    head: Option<Box<RequestHead>>,
    /// A rule says that nobody looks inside.
    off: Off,
    /// Whether the response that goes on has a body.
    body: AnswerBody,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Off {
    #[default]
    No,
    Yes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum AnswerBody {
    #[default]
    Some,
    None,
}

impl Adapting {
    fn of(&mut self, leg: Leg) -> Option<&mut Adaptation> {
        match leg {
            Leg::Client => self.request.as_deref_mut(),
            Leg::Origin => self.response.as_deref_mut(),
        }
    }

    /// A rule says that nobody looks inside.
    pub(super) const fn switch_off(&mut self) {
        self.off = Off::Yes;
    }

    /// Whether a request that has left the pipeline can be taken in.
    pub(super) fn takes_request(&self) -> bool {
        self.request.as_ref().is_none_or(|request| request.has_room())
    }

    /// Whether bytes of the response can be taken in; `None` where the response alone decides.
    pub(super) fn takes_response(&self) -> Option<bool> {
        let response = self.response.as_ref().filter(|response| !response.passes_original())?;
        Some(response.has_room())
    }

    /// Whether a service has the response, or had it.
    pub(super) const fn has_response(&self) -> bool {
        self.response.is_some()
    }

    /// Whether something of the request is still with a service.
    pub(super) fn keeps_request(&self) -> bool {
        self.request.as_ref().is_some_and(|request| !request.is_over())
    }

    /// Whether the origin has more of the response to send than went on.
    pub(super) fn is_response_unfinished(&self) -> bool {
        self.response.as_ref().is_some_and(|response| !response.has_ended())
    }
}

impl Transaction {
    /// The first service that takes the messages from `leg`, by what `facts` tell. A condition on
    /// what is not known yet is not one to rely on: the message goes there.
    fn adapter_by(&self, leg: Leg, facts: &Facts) -> Option<usize> {
        // What a Worker passes on has been there.
        if self.adapting.off == Off::Yes || matches!(self.returning, Some(Returning::Flow(_))) {
            return None;
        }
        self.policy.settings.adapters.iter().position(|adapter| {
            let when = adapter.when.as_ref();
            adapter.takes(leg) && when.is_none_or(|when| when.truth(facts) != Truth::False)
        })
    }

    /// The service has said something of the message from `leg`.
    pub(super) fn on_adapted(&mut self, leg: Leg, report: AdaptReport) {
        let report = match report {
            AdaptReport::Request(head) => match self.acceptable(head) {
                Ok(head) => AdaptReport::Request(head),
                Err(failure) => AdaptReport::Failed(failure),
            },
            report => report,
        };
        let now = self.now;
        let Some(adaptation) = self.adapting.of(leg) else { return };
        adaptation.on_report(report, now);
        self.settle_adaptation(leg);
        if leg == Leg::Client && !self.is_done() {
            // There may be room for more of it.
            self.flush_request();
        }
    }

    /// Does what is to be done about the message from `leg`.
    pub(super) fn settle_adaptation(&mut self, leg: Leg) {
        while !self.is_done() {
            let waits = leg == Leg::Client && self.is_connecting();
            let Some(adaptation) = self.adapting.of(leg) else { return };
            if let Some(input) = adaptation.pop_input() {
                self.out.push_back(Output::Adapt(leg, input));
                continue;
            }
            // An origin that is being connected anew cannot be sent anything.
            if waits {
                return;
            }
            let Some(step) = adaptation.pop_step() else { return };
            match (leg, step) {
                (Leg::Client, Step::On(Event::RequestHead(head))) => {
                    self.adapting.head = Some(head.clone());
                    self.head_out(head);
                }
                (Leg::Client, Step::On(event)) => self.send_on(event),
                (Leg::Client, Step::Answer(event)) => self.on_answer(event),
                (Leg::Origin, Step::On(event) | Step::Answer(event)) => {
                    self.on_adapted_response(event);
                }
                (leg, Step::Fail(failure)) => self.adaptation_failed(leg, failure),
            }
        }
    }

    fn is_connecting(&self) -> bool {
        matches!(self.request.state, State::Dialing | State::Ready)
    }

    /// The service has failed, and without it the message may not go on.
    fn adaptation_failed(&mut self, leg: Leg, failure: ScanFailure) {
        let direction = match leg {
            Leg::Client => Direction::Upload,
            Leg::Origin => Direction::Download,
        };
        let name = self.adapting.of(leg).map(|adaptation| adaptation.name.clone());
        let refusal = self.judge.unscanned(direction, &name.unwrap_or_default(), failure);
        self.refuse(&refusal);
    }

    /// Gives the drivers of exchanges credit for what has gone on.
    pub(super) fn credit_adaptations(&mut self) {
        let takes_answers = self.response.has_room();
        for leg in [Leg::Client, Leg::Origin] {
            let Some(adaptation) = self.adapting.of(leg) else { continue };
            let to = adaptation.answers_to();
            if to == Leg::Client && !takes_answers {
                continue;
            }
            let bytes = adaptation.take_acknowledged();
            if bytes > 0 {
                self.emit(Output::AdaptCredit(leg, to, bytes));
            }
        }
    }

    /// Nobody waits for services any more.
    pub(super) fn cancel_adaptations(&mut self) {
        let now = self.now;
        for leg in [Leg::Client, Leg::Origin] {
            let Some(adaptation) = self.adapting.of(leg) else { continue };
            adaptation.cancel(now);
            while let Some(input) = adaptation.pop_input() {
                self.out.push_back(Output::Adapt(leg, input));
            }
        }
    }

    fn named(&self) -> Named<'_> {
        Named { scheme: self.origin.scheme(), host: &self.host, port: self.origin.port }
    }

    /// A head as services see it: in absolute form, without what belongs to one hop.
    pub(super) fn shown(
        &self,
        head: &RequestHead,
        body: BodySize,
    ) -> Result<RequestHead, FieldError> {
        let named = self.named();
        let authority = Authority::parse(named.authority()).map_err(|_| FieldError::Value)?;
        let mut shown = RequestHead { body, protocol: None, ..head.clone() };
        let path = match &head.target {
            Target::Origin(path) | Target::Absolute { path_and_query: path, .. } => path.clone(),
            Target::Authority(_) | Target::Asterisk => {
                PathAndQuery::parse("*").map_err(|_| FieldError::Value)?
            }
        };
        let scheme = named.scheme;
        shown.target = Target::Absolute { scheme, authority, path_and_query: path };
        strip_for_service(&mut shown.fields);
        shown.fields.set("Host", named.authority())?;
        Ok(shown)
    }

    fn offer(
        &self,
        adapter: usize,
        request: RequestHead,
    ) -> impl FnOnce(crate::Kept) -> Offer + use<> {
        let client = Some(self.client.ip());
        move |kept| Offer { adapter, request, response: None, client, kept }
    }
}

/// Takes out what is none of a service's business.
pub(super) fn strip_for_service(fields: &mut Fields) {
    strip_hop_by_hop(fields, UpgradeField::Strip);
    crate::worker::strip_own_fields(fields);
}
