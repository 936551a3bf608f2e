//! What is told of a detour: to the Worker in its metadata, to the flow by the transaction behind it,
//! and in the record.

use std::time::Instant;

use gateway_log::{Action, Record, WorkerBypass, WorkerFacts, WorkerNext, WorkerOutcome};

use super::super::{Transaction, millis, response};
use super::{Detour, Returning, Stage};
use crate::body::Body;
use crate::worker::{Flow, Invocation, Member, Metadata, Step};

impl Transaction {
    pub(super) fn metadata(&self, detour: &Detour, invocation: &Invocation) -> String {
        let record = self.record.as_deref();
        let text = |of: fn(&Record) -> &gateway_log::Text| {
            Member::Bytes(record.map_or(&[][..], |record| of(record).as_bytes()))
        };
        let user_agent = self.head.fields.get("user-agent").unwrap_or_default();
        let context = [
            ("requestId", text(|record| &record.request_id)),
            ("sessionId", text(|record| &record.session_id)),
            ("srcIp", Member::Address(Some(self.client.ip()))),
            ("srcPort", Member::Number(self.client.port().into())),
            ("dstHost", Member::Text(&self.origin.host)),
            ("dstIp", Member::Address(detour.addresses.first().copied())),
            ("dstPort", Member::Number(self.origin.port.into())),
            ("scheme", Member::Text(self.origin.scheme().as_str())),
            ("host", Member::Text(&self.host)),
            ("method", Member::Text(self.head.method.as_str())),
            ("httpVersion", Member::Text(crate::facts::version(self.head.version))),
            ("policyId", Member::Text(&detour.rule.id)),
            ("policyName", Member::Text(&detour.rule.name)),
            ("workerName", Member::Text(&detour.worker)),
            ("workerVersion", Member::Text(&invocation.version)),
            ("userAgent", Member::Bytes(user_agent)),
            ("url", Member::Text(&self.url)),
        ];
        let known = self.judge.known();
        let (user, device) = (known.user.as_deref(), known.device.as_deref());
        Metadata { flow: invocation.lease.token(), user, device, context: &context }.to_json()
    }

    /// The transaction is over, and with it the flow.
    pub(in crate::transaction) fn end_detour(&mut self, record: &mut Record) {
        let Some(detour) = &mut self.detour else { return };
        if detour.stage == Stage::Spared {
            return;
        }
        let complete = matches!(self.response.state, response::State::Done)
            && detour.stage == Stage::Answering
            && self.response.body.as_ref().is_some_and(Body::has_left);
        let how = if complete { WorkerOutcome::Ok } else { WorkerOutcome::Canceled };
        let outcome = *detour.outcome.get_or_insert(how);
        let (claimed, answered) = detour.flow().map_or((None, None), Flow::times);
        if let Some(flow) = detour.flow() {
            flow.step(if complete { Step::Finish } else { Step::Abort }, self.now);
        }
        let since = |at: Instant, from: Instant| millis(at.saturating_duration_since(from));
        let version = detour.invocation.as_ref().map(|invocation| invocation.version.as_str());
        let mut facts = WorkerFacts::default();
        facts.name = detour.worker.as_str().into();
        facts.version = version.unwrap_or_default().into();
        facts.policy_id = detour.rule.id.as_str().into();
        facts.outcome = Some(outcome);
        facts.next = if claimed.is_some() { WorkerNext::Called } else { WorkerNext::NotCalled };
        facts.bypass = detour.bypass;
        facts.head_ms = detour.head.map(|at| since(at, detour.began));
        facts.origin_ms =
            claimed.map(|from| since(answered.or(detour.head).unwrap_or(self.now), from));
        record.worker = Some(Box::new(facts));
        if record.decision.action.is_none() && detour.bypass == WorkerBypass::No {
            record.decision.action = Some(Action::Forward);
            record.decision.policy_id = detour.rule.id.as_str().into();
            record.decision.policy_name = detour.rule.name.as_str().into();
        }
    }

    /// What is known of the origin behind the Worker stands in the record as if there were no
    /// Worker between.
    pub(in crate::transaction) fn fill_behind_worker(&self, record: &mut Record) {
        if let Some(Returning::Own(worker)) = &self.returning {
            let mut facts = WorkerFacts::default();
            facts.name = worker.as_ref().into();
            record.worker = Some(Box::new(facts));
        }
        let Some(detour) = self.detour.as_deref() else { return };
        if detour.bypass == WorkerBypass::Yes || detour.stage == Stage::Spared {
            return;
        }
        let upstream = detour.flow().map(Flow::upstream).unwrap_or_default();
        let (to_origin, from_origin) = upstream.bytes.unwrap_or_default();
        record.origin = upstream.origin;
        record.timings.origin_connect_ms = upstream.connect_ms;
        record.timings.origin_tls_ms = upstream.tls_ms;
        record.bytes.to_origin = Some(to_origin);
        record.bytes.from_origin = Some(from_origin);
    }

    /// Tells the flow what is known of the origin; false if there is none, and the record is this
    /// transaction's own.
    pub(in crate::transaction) fn tell_flow(&self, record: &Record) -> bool {
        let Some(Returning::Flow(flow)) = &self.returning else { return false };
        flow.note(|upstream| {
            upstream.origin = record.origin.clone();
            upstream.connect_ms = record.timings.origin_connect_ms;
            upstream.tls_ms = record.timings.origin_tls_ms;
            let response = self.response.body.as_ref();
            upstream.bytes = Some((self.request.body.released(), response.map_or(0, Body::bytes)));
        });
        true
    }
}
