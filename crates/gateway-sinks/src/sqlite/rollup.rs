//! Sums by minute over one batch of records, before they are added to the file.

use std::collections::BTreeMap;

use gateway_log::{Action, Record, RecordKind};
use rusqlite::{Connection, params};

use super::question::{Dimension, MINUTE_NS, Sum};
use super::schema;
use super::store::{host, protocol, signed, text};

/// What a sum belongs to: dimension, minute, kind, value.
type Place = (i64, u64, &'static str, String);

/// The sums of a batch.
#[derive(Debug, Default)]
pub(super) struct Rollup {
    sums: BTreeMap<Place, Sum>,
    hosts: usize,
}

/// Hosts by name in one batch; a flood of made-up names does not grow the file by more.
const HOSTS_MAX: usize = 1_000;

impl Rollup {
    /// Adds one record.
    pub(super) fn add(&mut self, record: &Record, time_ns: u64) {
        if record.interim || record.kind == RecordKind::Loss {
            return;
        }
        let action = record.decision.action.map_or("", Action::as_str);
        let sum = Sum {
            records: 1,
            blocked: u64::from(matches!(
                record.decision.action,
                Some(Action::Block | Action::Quarantine)
            )),
            bytes_up: record.bytes.from_client.unwrap_or(0),
            bytes_down: record.bytes.to_client.unwrap_or(0),
            total_ms: record.timings.total_ms.unwrap_or(0),
        };
        let minute = time_ns / MINUTE_NS;
        let place = |dimension: Dimension, value: String| {
            (dimension.number(), minute, record.kind.as_str(), value)
        };
        let mut host = place(Dimension::Host, host(record));
        if !self.sums.contains_key(&host) {
            if self.hosts >= HOSTS_MAX {
                host.3.clear();
            }
            self.hosts += 1;
        }
        for place in [
            place(Dimension::Action, action.to_owned()),
            host,
            place(Dimension::Policy, text(&record.decision.policy_id).into_owned()),
            place(Dimension::Protocol, protocol(record).into_owned()),
        ] {
            self.sums.entry(place).or_default().add(&sum);
        }
    }

    /// Adds the sums to those of the file.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut add = connection.prepare_cached(schema::ADD)?;
        for ((dimension, minute, kind, value), sum) in &self.sums {
            add.execute(params![
                dimension,
                signed(*minute),
                kind,
                value,
                signed(sum.records),
                signed(sum.blocked),
                signed(sum.bytes_up),
                signed(sum.bytes_down),
                signed(sum.total_ms),
            ])?;
        }
        Ok(())
    }
}

impl Sum {
    pub(super) fn add(&mut self, other: &Self) {
        self.records = self.records.saturating_add(other.records);
        self.blocked = self.blocked.saturating_add(other.blocked);
        self.bytes_up = self.bytes_up.saturating_add(other.bytes_up);
        self.bytes_down = self.bytes_down.saturating_add(other.bytes_down);
        self.total_ms = self.total_ms.saturating_add(other.total_ms);
    }
}
