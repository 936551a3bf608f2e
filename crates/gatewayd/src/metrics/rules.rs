//! What became of each rule: how often it matched, what it decided, how the requests went that it
//! decided.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_log::{Record, RecordKind, RuleMode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

/// Rules that are counted by themselves; those beyond count together.
const RULES_MAX: usize = 10_000;
/// The label of rules beyond the limit.
const OTHERS: &str = "(others)";

/// The counts of all rules. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleRows(Arc<Mutex<HashMap<Box<[u8]>, Row>>>);

/// The counts of one rule.
#[derive(Clone, Debug, Default)]
struct Row {
    enforced: u64,
    logged: u64,
    /// Requests and connections that it decided, by executed action.
    decided: Vec<(&'static str, u64)>,
    /// Of those, what went wrong.
    errors: u64,
    /// Milliseconds that the requests took that it decided.
    total_ms: u64,
}

impl RuleRows {
    /// Counts what a record tells of rules.
    pub(super) fn observe(&self, record: &Record) {
        let decision = &record.decision;
        if decision.trail.is_empty() && decision.policy_id.is_empty() {
            return;
        }
        let mut rows = self.rows();
        for step in &decision.trail {
            count(&mut rows, step.rule_id.as_bytes(), |row| match step.mode {
                RuleMode::Log => row.logged += 1,
                _ => row.enforced += 1,
            });
        }
        if decision.policy_id.is_empty() {
            return;
        }
        count(&mut rows, decision.policy_id.as_bytes(), |row| {
            let action = decision.action.map_or("none", |action| action.as_str());
            match row.decided.iter_mut().find(|(of, _)| *of == action) {
                Some((_, count)) => *count += 1,
                None => row.decided.push((action, 1)),
            }
            if record.kind == RecordKind::Http {
                row.errors += u64::from(super::error(record).is_some());
                row.total_ms += record.timings.total_ms.unwrap_or(0);
            }
        });
    }

    /// How often each rule matched: its id, what was carried out, what was only counted.
    pub(super) fn matches(&self) -> Vec<(String, u64, u64)> {
        let rows = self.rows();
        let told = rows.iter().map(|(id, row)| (escaped(id), row.enforced, row.logged));
        told.collect()
    }

    /// Forgets rules that are not in `ids`.
    pub(super) fn keep(&self, ids: &HashSet<&str>) {
        let known =
            |id: &[u8]| std::str::from_utf8(id).is_ok_and(|id| id == OTHERS || ids.contains(id));
        self.rows().retain(|id, _| known(id));
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Box<[u8]>, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy by id, so that nobody waits while it is written out.
    fn sorted(&self) -> Vec<(Box<[u8]>, Row)> {
        let mut sorted: Vec<_> =
            self.rows().iter().map(|(id, row)| (id.clone(), row.clone())).collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        sorted
    }
}

/// Changes the row of a rule; of one that is known without copying its id.
fn count(rows: &mut HashMap<Box<[u8]>, Row>, id: &[u8], change: impl FnOnce(&mut Row)) {
    if let Some(row) = rows.get_mut(id) {
        return change(row);
    }
    let id = if rows.len() < RULES_MAX { id } else { OTHERS.as_bytes() };
    change(rows.entry(id.into()).or_default());
}

impl Collector for RuleRows {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let rows: Vec<(String, Row)> =
            self.sorted().into_iter().map(|(id, row)| (escaped(&id), row)).collect();
        let matches = |row: &Row| {
            let modes = [("enforce", row.enforced), ("log", row.logged)];
            modes.into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>()
        };
        let help = "Times that a rule matched, by whether it is carried out";
        write(&mut encoder, "rule_matches", help, &rows, |id, row, out| {
            matches(row)
                .into_iter()
                .try_for_each(|(mode, n)| out(&[("rule", id), ("mode", mode)], n as f64))
        })?;
        let help = "Requests and connections that a rule decided, by executed action";
        write(&mut encoder, "rule_decisions", help, &rows, |id, row, out| {
            let mut decided = row.decided.iter();
            decided.try_for_each(|(action, n)| out(&[("rule", id), ("action", action)], *n as f64))
        })?;
        let help = "Requests that a rule decided and that went wrong";
        write(&mut encoder, "rule_errors", help, &rows, |id, row, out| {
            out(&[("rule", id)], row.errors as f64)
        })?;
        let help = "Seconds that the requests took that a rule decided";
        write(&mut encoder, "rule_request_seconds", help, &rows, |id, row, out| {
            out(&[("rule", id)], row.total_ms as f64 / 1e3)
        })
    }
}

type Out<'a> = dyn FnMut(&[(&str, &str)], f64) -> fmt::Result + 'a;

/// Writes one counter of every rule.
fn write(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    rows: &[(String, Row)],
    each: impl Fn(&str, &Row, &mut Out<'_>) -> fmt::Result,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (id, row) in rows {
        each(id, row, &mut |labels, value| {
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)
        })?;
    }
    Ok(())
}

/// An id as the text format takes it between quotes.
fn escaped(id: &[u8]) -> String {
    let id = String::from_utf8_lossy(id);
    id.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
