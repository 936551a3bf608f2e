//! How flows and the association end, and their records.

use gateway_h1h2::socks::{Destination, Host};
use gateway_log::{Action, CloseReason, Interception, Record, RecordKind, SpliceReason, Transport};

use super::flow::Stage;
use super::{Association, FlowId, Output};
use crate::clock::millis;

impl Association {
    pub(super) fn flow_record(&self, id: FlowId, to: &Destination) -> Box<Record> {
        let mut record = Record::new(RecordKind::Session);
        record.session_id = self.id.as_str().into();
        record.request_id = format!("{}-{}", self.id, id.0 + 1).into();
        record.started_ns = self.clock.unix_ns(self.now);
        record.client.addr = Some(self.client);
        record.client.transport = Some(Transport::Udp);
        if let Some(own) = &self.record {
            record.client.user = own.client.user.clone();
            record.client.device = own.client.device.clone();
        }
        if let Host::Name(name) = &to.host {
            record.origin.resolved_fqdn = name.as_str().into();
        }
        Box::new(record)
    }

    /// Nothing passes on a flow from here on; its record is written. The flow stays, so that what
    /// the client goes on to send is not asked about anew.
    pub(super) fn refuse(&mut self, index: usize, reason: CloseReason) {
        let dropped = self.take_held(index).len() as u64;
        let Some(flow) = self.flows.get_mut(index) else { return };
        flow.counts.dropped += dropped;
        flow.stage = Stage::Refused;
        flow.last = self.now;
        if let Some(record) = &mut flow.record {
            record.decision.action = Some(Action::Block);
        }
        self.write_flow_record(index, reason);
    }

    /// A flow ends.
    pub(super) fn end_flow(&mut self, index: usize, reason: CloseReason) {
        let dropped = self.take_held(index).len() as u64;
        if let Some(flow) = self.flows.get_mut(index) {
            flow.counts.dropped += dropped;
        }
        self.write_flow_record(index, reason);
        self.flows.remove(index);
    }

    fn write_flow_record(&mut self, index: usize, reason: CloseReason) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        let Some(mut record) = flow.record.take() else { return };
        flow.judge.fill(&mut record);
        record.close_reason.get_or_insert(reason);
        record.ended_ns = self.clock.unix_ns(self.now);
        let started = record.started_ns;
        record.timings.total_ms = Some(record.ended_ns.saturating_sub(started) / 1_000_000);
        let relayed = flow.stage.is_open();
        record.inspection.interception.get_or_insert(if relayed {
            Interception::Spliced(SpliceReason::NotTls)
        } else {
            Interception::Undecided
        });
        if let Some(action) = record.decision.action {
            record.decision.actions = vec![action];
        }
        flow.counts.fill(&mut record);
        self.counts.add(&flow.counts);
        self.emit(Output::Record(record));
    }

    /// Ends at once: every flow, then the association, write their records.
    pub(super) fn close(&mut self, reason: CloseReason) {
        while !self.flows.is_empty() {
            self.end_flow(0, reason);
        }
        let Some(mut record) = self.record.take() else { return };
        record.close_reason = Some(reason);
        record.ended_ns = self.clock.unix_ns(self.now);
        record.timings.total_ms = Some(millis(self.now.saturating_duration_since(self.started)));
        self.counts.fill(&mut record);
        self.emit(Output::Record(record));
    }
}
