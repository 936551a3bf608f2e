//! The detour of a request through a Worker, seen from both of its ends: the transaction that hands
//! the request over and takes the Worker for its origin, and the one that takes it on from there.
//!
//! What is inspected is what the client sent and what it is going to get: the Worker stands where
//! the origin does otherwise.

mod joined;
mod record;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_h1h2::{
    Authority, Event, FieldError, PathAndQuery, RequestHead, ResetReason, ResponseHead, Target,
};
use gateway_log::{Action, CloseReason, Record, RecordKind, WorkerBypass, WorkerOutcome};
use http::StatusCode;

use super::replay::Replay;
use super::{Output, Transaction, request};
use crate::dial::Reuse;
use crate::facts::Named;
use crate::judge::{Forward, RuleName};
use crate::rewrite::Via;
use crate::worker::{
    BODY_FIELD, Destination, Flow, FlowState, Invocation, InvokeError, METADATA_FIELD,
    OUTCOME_FIELD, OnError, Step, WorkerPolicy, strip_own_fields,
};

/// The way of a request through a Worker.
pub(super) struct Detour {
    rule: RuleName,
    worker: String,
    policy: WorkerPolicy,
    addresses: Vec<IpAddr>,
    stage: Stage,
    began: Instant,
    invocation: Option<Invocation>,
    /// When the head of the answer came, or the Worker failed.
    head: Option<Instant>,
    outcome: Option<WorkerOutcome>,
    bypass: WorkerBypass,
    /// The head of the Worker's answer, whose body comes from the origin.
    answer: Option<ResponseHead>,
}

/// Where the detour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The connection with the Worker is awaited.
    Calling,
    /// The Worker has the request, or gets it as soon as some of it may leave.
    With,
    /// The head of its answer has come, and says that the body is the origin's: that is awaited.
    Joining,
    /// The head of its answer has come.
    Answering,
    /// It failed.
    Left,
    /// An offer to change to WebSocket does not go through the Worker.
    Spared,
}

impl Detour {
    fn flow(&self) -> Option<&Flow> {
        self.invocation.as_ref().map(|invocation| invocation.lease.flow())
    }
}

/// What a transaction is part of that a Worker has opened.
#[derive(Clone, Debug)]
pub(crate) enum Returning {
    /// The flow of a request that the Worker has passed on.
    Flow(Flow),
    /// Nothing: the Worker asks of itself.
    Own(Arc<str>),
}

impl Transaction {
    /// A Worker asks for this of itself.
    pub(crate) fn is_of_worker(&mut self, worker: &str) {
        crate::facts::caller(&self.policy.rules, &mut self.judge.facts, worker);
        self.returning = Some(Returning::Own(worker.into()));
    }

    /// Tells the rules which Worker the request was handed to, if it was.
    pub(super) fn tell_worker(&mut self) {
        if let Some(detour) = self.detour.as_ref().filter(|detour| detour.stage != Stage::Spared) {
            crate::facts::worker(&self.policy.rules, &mut self.judge.facts, &detour.worker);
        }
    }

    /// The rules hand the request to a Worker.
    pub(super) fn forward(&mut self, forward: Forward, addresses: &[IpAddr]) {
        let Forward { rule, worker } = forward;
        // What a Worker asks for of itself goes to no Worker: there would be no end.
        if self.returning.is_some() {
            return self.dial(addresses.to_vec(), Reuse::Pooled);
        }
        let is_offer = self.websocket.is_some();
        let known = self.policy.settings.workers.get(&worker);
        self.detour = Some(Box::new(Detour {
            rule,
            worker: worker.clone(),
            policy: known.cloned().unwrap_or_default(),
            addresses: addresses.to_vec(),
            stage: if is_offer { Stage::Spared } else { Stage::Calling },
            began: self.now,
            invocation: None,
            head: None,
            outcome: None,
            bypass: WorkerBypass::No,
            answer: None,
        }));
        if is_offer {
            return self.dial(addresses.to_vec(), Reuse::Pooled);
        }
        self.request.state = request::State::Dialing;
        self.attempts += 1;
        let destination = Destination {
            key: self.origin.clone(),
            host: self.host.clone(),
            target: self.head.target.to_origin_form(),
            addresses: addresses.to_vec(),
        };
        self.emit(Output::Invoke(worker, Box::new(destination)));
    }

    /// The Worker is connected, or cannot be had.
    pub(super) fn on_invoked(&mut self, result: Result<Invocation, InvokeError>) {
        let Some(detour) = &mut self.detour else { return };
        if detour.stage != Stage::Calling || self.request.state != request::State::Dialing {
            return;
        }
        match result {
            Err(outcome) => self.worker_failed(outcome),
            Ok(invocation) => {
                detour.stage = Stage::With;
                detour.invocation = Some(invocation);
                self.request.state = request::State::Ready;
                self.request.replay = Some(Replay::default());
                if self.request.body.holds() || self.send_head() {
                    self.pump_request();
                }
            }
        }
    }

    /// Makes a head one that the Worker understands, if the request goes to one: absolute-form, with
    /// what it should know of the request. Nobody but the gateway speaks in this protocol's name.
    pub(super) fn address_to_worker(
        &self,
        mut head: RequestHead,
    ) -> Result<RequestHead, FieldError> {
        let Some(detour) = self.detour.as_ref().filter(|detour| detour.stage == Stage::With) else {
            if self.returning.is_some() {
                strip_own_fields(&mut head.fields);
            }
            return Ok(head);
        };
        let Some(invocation) = &detour.invocation else { return Ok(head) };
        strip_own_fields(&mut head.fields);
        let named =
            Named { scheme: self.origin.scheme(), host: &self.host, port: self.origin.port };
        let authority = Authority::parse(named.authority()).map_err(|_| FieldError::Value)?;
        let path_and_query = match &head.target {
            Target::Origin(path) | Target::Absolute { path_and_query: path, .. } => path.clone(),
            Target::Authority(_) | Target::Asterisk => {
                PathAndQuery::parse("*").map_err(|_| FieldError::Value)?
            }
        };
        head.target = Target::Absolute { scheme: named.scheme, authority, path_and_query };
        head.fields.append(METADATA_FIELD, self.metadata(detour, invocation))?;
        Ok(head)
    }

    /// The head is on its way to the Worker, if the request goes to one.
    pub(super) fn worker_has_head(&self) {
        if let Some(detour) = &self.detour
            && detour.stage == Stage::With
            && let Some(flow) = detour.flow()
        {
            flow.step(Step::Invoke, self.now);
        }
    }

    /// Whether the gateway names itself in the request: what goes to a Worker comes back.
    pub(super) fn via_of_request(&self) -> Via {
        match &self.detour {
            Some(detour) if detour.stage == Stage::With => Via::Leave,
            _ => Via::Append,
        }
    }

    /// Whether the gateway names itself in the response: what goes to a Worker comes back.
    pub(super) const fn via_of_response(&self) -> Via {
        match &self.returning {
            Some(Returning::Flow(_)) => Via::Leave,
            Some(Returning::Own(_)) | None => Via::Append,
        }
    }

    /// Whether the head of a response is what it is taken for; false if that ended the transaction
    /// or its detour.
    pub(super) fn accepts_head(&mut self, head: &mut ResponseHead) -> bool {
        if let Some(returning) = &self.returning {
            strip_own_fields(&mut head.fields);
            if let Returning::Flow(flow) = returning {
                flow.step(Step::OriginAnswers, self.now);
                let mut known = Record::new(RecordKind::Http);
                self.fill_origin(&mut known);
                self.tell_flow(&known);
            }
            return true;
        }
        let Some(detour) = &mut self.detour else { return true };
        match detour.stage {
            Stage::With => {}
            // The offer was an excuse to get by the Worker.
            Stage::Spared if head.status.is_success() => {
                let detail = "The request offers to change to WebSocket, and the origin does not.";
                let status = StatusCode::BAD_GATEWAY;
                self.answer_error(status, "Bad gateway", detail, CloseReason::OriginError);
                return false;
            }
            Stage::Joining => {
                self.join_head(head);
                return true;
            }
            Stage::Calling | Stage::Answering | Stage::Left | Stage::Spared => return true,
        }
        // What the runtime says in the Worker's place, about code that hangs, carries no word of
        // the host module.
        let said = head.fields.get(OUTCOME_FIELD).unwrap_or(b"no answer of its own");
        if said != b"ok" {
            let what = String::from_utf8_lossy(said).into_owned();
            if let Some(record) = &mut self.record {
                record.warnings.push(format!("worker {}: {what}", detour.worker).into());
            }
            self.worker_failed(WorkerOutcome::Exception);
            return false;
        }
        head.fields.remove(OUTCOME_FIELD);
        let of_origin = head.fields.remove(BODY_FIELD) > 0
            && detour.flow().is_some_and(Flow::is_claimed)
            && matches!(self.request.state, request::State::Sent);
        detour.stage = Stage::Answering;
        detour.head = Some(self.now);
        if let Some(flow) = detour.flow() {
            flow.step(Step::WorkerAnswers, self.now);
        }
        if of_origin {
            self.join(head);
        }
        !of_origin
    }

    /// How long the Worker may pause within the body of its answer.
    pub(super) fn worker_stall(&self) -> Option<Duration> {
        let detour = self.detour.as_ref()?;
        (detour.stage == Stage::Answering).then_some(detour.policy.stall)
    }

    /// Whether the head of a Worker's answer is awaited.
    pub(super) fn is_worker_awaited(&self) -> bool {
        let awaited = |detour: &Detour| matches!(detour.stage, Stage::Calling | Stage::With);
        self.detour.as_deref().is_some_and(awaited)
    }

    /// Until when the Worker must have answered. Time that the origin behind it takes is not the
    /// Worker's, and before it has all of the request it has its reasons to wait.
    pub(super) fn detour_deadline(&self) -> Option<Instant> {
        let detour = self.detour.as_ref()?;
        let limit = detour.policy.deadline;
        match detour.stage {
            Stage::Calling => Some(detour.began + limit),
            Stage::With => {
                let flow = detour.flow()?;
                match (flow.state(), self.request.state) {
                    (FlowState::UpstreamHead, _) => flow.times().1.map(|since| since + limit),
                    (FlowState::Invoked, request::State::Sent) => {
                        self.response.last_heard().map(|since| since + limit)
                    }
                    (FlowState::Invoked, _) => {
                        let patience = limit.max(self.policy.settings.timeouts.body_idle);
                        self.response.last_heard().map(|since| since + patience)
                    }
                    _ => None,
                }
            }
            Stage::Joining | Stage::Answering | Stage::Left | Stage::Spared => None,
        }
    }

    /// The Worker has failed before its answer began: the request is answered 502, or goes on
    /// without it.
    pub(super) fn worker_failed(&mut self, outcome: WorkerOutcome) {
        let Some(detour) = &mut self.detour else { return };
        if !matches!(detour.stage, Stage::Calling | Stage::With) {
            return;
        }
        detour.stage = Stage::Left;
        detour.head = Some(self.now);
        detour.outcome = Some(outcome);
        let passed_on = detour.flow().is_some_and(Flow::is_claimed);
        if let Some(flow) = detour.flow() {
            flow.fail(self.now);
        }
        let begun = self.request.has_begun();
        if begun {
            self.out.push_back(Output::Origin(Event::Reset(ResetReason::Cancelled)));
        }
        let whole = !begun || self.request.replay.is_some();
        if detour.policy.on_error == OnError::Bypass && !passed_on && whole {
            detour.bypass = WorkerBypass::Yes;
            let addresses = detour.addresses.clone();
            return self.dial(addresses, Reuse::Fresh);
        }
        // The connection with the Worker is reset already.
        self.request.state = request::State::Stopped;
        let called = if passed_on { " after it had passed the request on" } else { "" };
        let detail = format!("A Worker of your organisation failed{called}.");
        if let Some(record) = &mut self.record {
            record.decision.action = Some(Action::Block);
            record.decision.policy_id = detour.rule.id.as_str().into();
            record.decision.policy_name = detour.rule.name.as_str().into();
        }
        let status = StatusCode::BAD_GATEWAY;
        self.answer_error(status, "Bad gateway", &detail, CloseReason::OriginError);
    }

    /// The Worker has broken its answer off.
    pub(super) fn worker_broke_off(&mut self, outcome: WorkerOutcome) {
        if let Some(detour) = &mut self.detour
            && matches!(detour.stage, Stage::Joining | Stage::Answering)
        {
            detour.outcome.get_or_insert(outcome);
            if let Some(flow) = detour.flow() {
                flow.fail(self.now);
            }
        }
    }
}
