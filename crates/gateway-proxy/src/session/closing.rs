//! How a session ends, what becomes of its origins, and its record.

use bytes::Bytes;
use gateway_h1h2::h1::Found;
use gateway_h1h2::{StreamId, Version};
use gateway_log::{CloseReason, Interception, Record};

use super::{Output, Session, Spliced, Stage, Wire};
use crate::clock::millis;
use crate::dial::Close;
use crate::strictness::{self, Sender};
use crate::transaction::{self, Leg};

impl Session {
    /// Finishes what is in progress and begins nothing.
    pub(super) fn on_drain(&mut self) {
        self.draining = true;
        // Nobody will be there who could hand them out.
        self.give_up_deferred(CloseReason::ProxyConnRefused);
        let busy = self.is_busy();
        match &mut self.stage {
            Stage::Proxying(proxying) => {
                proxying.codec.close_when_idle();
                if !busy && proxying.head_since.is_none() {
                    self.close(CloseReason::ProxyConnRefused, Close::Graceful);
                }
            }
            Stage::Peeking(_) | Stage::Greeting(_) => {
                self.close(CloseReason::ProxyConnRefused, Close::Graceful);
            }
            Stage::Entering(entering) if entering.is_talking() => {
                self.close(CloseReason::ProxyConnRefused, Close::Graceful);
            }
            // A tunnel has no end of its own making: the driver's patience is its limit.
            Stage::Entering(_)
            | Stage::Connecting(_)
            | Stage::Dialing(_)
            | Stage::Handshaking(_)
            | Stage::Splicing(_)
            | Stage::Relaying(_)
            | Stage::Closed => {}
        }
    }

    /// Ends the session once the client's codec says so.
    pub(super) fn pump_close(&mut self) {
        let Stage::Proxying(proxying) = &self.stage else { return };
        if let Some(reason) = self.parted {
            if self.exchanges.is_empty() {
                self.close(reason, Close::Graceful);
            }
        } else if let Some(close) = proxying.codec.wants_close()
            && !self.is_answering()
        {
            let reason = if proxying.served || self.draining {
                CloseReason::ClientClosed
            } else {
                CloseReason::ClientError
            };
            self.part(reason, close.into());
        }
    }

    /// Ends at once: aborts what is in progress, lets go of every connection, writes the record.
    pub(super) fn close(&mut self, reason: CloseReason, how: Close) {
        for index in (0..self.exchanges.len()).rev() {
            self.give(index, transaction::Input::Abort(reason));
        }
        self.give_up_all_waiting(reason);
        for branch in std::mem::take(&mut self.branches) {
            self.emit(Output::Close(Wire::Origin(branch.id()), Close::Abort));
        }
        self.park_idle_origins();
        for origin in std::mem::take(&mut self.origins) {
            self.emit(Output::Close(Wire::Origin(origin.id), Close::Abort));
        }
        let mut last = Vec::new();
        self.poll_output(Wire::Client, &mut last);
        let mut stage = std::mem::replace(&mut self.stage, Stage::Closed);
        self.last_output = last;
        match &mut stage {
            Stage::Relaying(relaying) => {
                self.write_relay_record(reason, relaying);
                self.emit(Output::Close(Wire::Origin(relaying.origin), how));
            }
            Stage::Splicing(spliced) => {
                self.emit(Output::Close(Wire::Origin(spliced.origin), how));
            }
            Stage::Entering(_)
            | Stage::Proxying(_)
            | Stage::Connecting(_)
            | Stage::Peeking(_)
            | Stage::Greeting(_)
            | Stage::Dialing(_)
            | Stage::Handshaking(_)
            | Stage::Closed => {}
        }
        self.emit(Output::Close(Wire::Client, how));
        self.write_record(reason, &stage);
    }

    /// Writes the one record.
    fn write_record(&mut self, reason: CloseReason, stage: &Stage) {
        let Some(mut record) = self.record.take() else { return };
        // A connection of a Worker is no connection of a client.
        if self.egress.is_some() {
            return;
        }
        record.close_reason.get_or_insert(reason);
        if let Stage::Proxying(proxying) = stage
            && let Some(checks) = proxying.codec.checks()
        {
            strictness::note(&mut record, Sender::Client, std::mem::take(&mut self.found), checks);
        }
        self.judge.fill(&mut record);
        self.fill_times(&mut record);
        fill_bytes(&mut record, stage);
        if let Stage::Proxying(proxying) = stage {
            record.http.version = crate::facts::version_text(proxying.codec.version());
            record.http.requests = Some(self.opened.into());
        }
        record.inspection.interception.get_or_insert(Interception::Undecided);
        if let Some(action) = record.decision.action {
            record.decision.actions = vec![action];
        }
        self.emit(Output::Record(record));
    }

    /// A long flow tells how far it is.
    pub(super) fn write_interim_record(&mut self) {
        let Some(mut record) = self.record.clone() else { return };
        record.interim = true;
        self.fill_times(&mut record);
        fill_bytes(&mut record, &self.stage);
        self.emit(Output::Record(record));
    }

    fn fill_times(&self, record: &mut Record) {
        record.ended_ns = self.clock.unix_ns(self.now);
        record.timings.total_ms = Some(millis(self.now.saturating_duration_since(self.started)));
    }

    /// Copies into a transaction's record what only the session knows.
    pub(super) fn fill_client(&mut self, stream: StreamId, record: &mut Record) {
        self.fill_found(record);
        let Some(session) = &self.record else { return };
        record.client = session.client.clone();
        let exchange = self.position(stream).and_then(|index| self.exchanges.get(index));
        if let Some(user) = exchange.and_then(|exchange| exchange.user.as_ref()) {
            crate::identity::record_user(&mut record.client, user);
        }
        record.inspection.mint_cache_hit = session.inspection.mint_cache_hit;
        record.http.stream = self.speaks_http2().then_some(stream.number());
        if let Some(outer) = self.outer {
            record.http.stream = Some(outer.number());
            record.http.version = crate::facts::version_text(Version::Http2);
        }
    }
}

impl Session {
    /// Writes into a transaction's record what checks found in its request.
    fn fill_found(&mut self, record: &mut Record) {
        let found = self.found;
        let checks = match &self.stage {
            Stage::Proxying(proxying) if !found.is_empty() => proxying.codec.checks(),
            _ => None,
        };
        if let Some(checks) = checks {
            strictness::note(record, Sender::Client, found, checks);
        }
        if !record.interim {
            self.found = Found::none();
        }
    }
}

fn fill_bytes(record: &mut Record, stage: &Stage) {
    let (from_client, from_origin) = match stage {
        Stage::Splicing(Spliced { from_client, from_origin, .. }) => (*from_client, *from_origin),
        Stage::Relaying(relaying) => {
            (relaying.relay.bytes_from(Leg::Client), relaying.relay.bytes_from(Leg::Origin))
        }
        Stage::Entering(_)
        | Stage::Proxying(_)
        | Stage::Connecting(_)
        | Stage::Peeking(_)
        | Stage::Greeting(_)
        | Stage::Dialing(_)
        | Stage::Handshaking(_)
        | Stage::Closed => return,
    };
    record.bytes.from_client = Some(from_client);
    record.bytes.to_origin = Some(from_client);
    record.bytes.from_origin = Some(from_origin);
    record.bytes.to_client = Some(from_origin);
}

/// Moves `queue` to the end of `out`.
pub(super) fn take(queue: &mut Vec<Bytes>, out: &mut Vec<Bytes>) -> usize {
    let bytes = queue.iter().map(Bytes::len).sum();
    out.append(queue);
    bytes
}
