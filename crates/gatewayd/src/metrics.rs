//! What is counted of all traffic: taken from each record when it is handed over, never on the way
//! of a byte. What is read from the gateway when somebody asks is the business of `monitor`.
//!
//! Labels are words of this program and ids of rules; hosts, users and addresses are never one, so
//! that the number of series is bounded.

mod at_hand;
mod attempts;
mod datagrams;
mod outside;
mod rules;
mod scans_served;
mod timings;
mod words;

use std::collections::HashSet;
use std::hash::Hash;

use gateway_log::{Action, ExternalScan, Record, RecordKind};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use at_hand::AtHand;
use attempts::Attempts;
pub(crate) use attempts::{Method, Outcome};
use datagrams::Datagrams;
pub(crate) use datagrams::Unheard;
use outside::Outside;
use rules::RuleRows;
pub(crate) use scans_served::ScanServer;
use scans_served::ScansServed;
use timings::Timings;
pub(crate) use words::error;
use words::{Protocol, close_reason, deferred, unscannable};

/// One label: its name and a word of this program.
type Label = (&'static str, &'static str);
type Counters<const N: usize> = Family<[Label; N], Counter>;

/// Why a client was turned away before its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnedAway {
    /// It is not in a network whose hosts may use the gateway.
    NotAClient,
    /// It comes by a load balancer that did not say whose connection it is.
    NoHeader,
    /// It has as many connections as it may have.
    TooMany,
}

impl TurnedAway {
    const fn as_str(self) -> &'static str {
        match self {
            Self::NotAClient => "not_a_client",
            Self::NoHeader => "no_proxy_header",
            Self::TooMany => "too_many_connections",
        }
    }
}

/// The counters. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    requests: Counters<2>,
    errors: Counters<2>,
    refused: Counters<1>,
    sessions: Counters<2>,
    turned_away: Counters<1>,
    attempts: Attempts,
    datagrams: Datagrams,
    bytes: Counters<1>,
    checks: Counters<3>,
    certificates: Counters<1>,
    connections: Counters<1>,
    findings: Counters<1>,
    quarantined: Counters<1>,
    deferred: Counters<1>,
    scanned_bytes: Counter,
    unscannable: Counters<1>,
    scanner_failures: Counters<1>,
    records: Counters<1>,
    traced: Counters<1>,
    tunnels: Gauge,
    at_hand: EveryRequest,
    timings: Timings,
    outside: Outside,
    scans_served: ScansServed,
    rules: RuleRows,
}

/// Something that is counted while it is there.
#[derive(Debug)]
pub(crate) struct Present(Gauge);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What every request counts in.
#[derive(Clone, Debug, Default)]
struct EveryRequest {
    records: AtHand<Counter, 3>,
    /// By executed action, none at first, and by protocol.
    requests: AtHand<Counter, { 10 * Protocol::ALL }>,
    connections: AtHand<Counter, 2>,
    bytes: AtHand<Counter, 4>,
}

impl Metrics {
    /// Counts a scan for somebody who asked for it by itself.
    pub(crate) fn scan_served(&self, server: ScanServer, verdict: gateway_av::Verdict) {
        self.scans_served.count(server, verdict);
    }

    /// How often each rule matched: its id, what was carried out, what was only counted.
    pub(crate) fn rule_matches(&self) -> Vec<(String, u64, u64)> {
        self.rules.matches()
    }

    /// Counts a client that was turned away.
    pub(crate) fn turned_away(&self, why: TurnedAway) {
        self.turned_away.get_or_create(&[("reason", why.as_str())]).inc();
    }

    /// Counts an attempt of a client to say who it is.
    pub(crate) fn attempted(&self, method: Method, outcome: Outcome) {
        self.attempts.count(method, outcome);
    }

    /// Counts a datagram that no association takes.
    pub(crate) fn datagram_unheard(&self, why: Unheard) {
        self.datagrams.unheard(why);
    }

    /// Counts flows that were traced, or not.
    #[cfg(feature = "otlp")]
    pub(crate) fn traced(&self, result: &'static str, flows: u64) {
        self.traced.get_or_create(&[("result", result)]).inc_by(flows);
    }

    /// Counts a tunnel that is relayed as long as what is given lives.
    pub(crate) fn tunnel(&self) -> Present {
        self.tunnels.inc();
        Present(self.tunnels.clone())
    }

    /// Forgets rules that are not among `ids`, after a reload.
    pub(crate) fn keep_rules<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        self.rules.keep(&ids.collect::<HashSet<_>>());
    }

    /// Counts what a record tells.
    pub(crate) fn observe(&self, record: &Record) {
        let find = || of(&self.records, &[("kind", record.kind.as_str())]);
        self.at_hand.records.with(record.kind as usize, find, |counter| {
            counter.inc();
        });
        // What a flow has come to so far is told again at its end.
        if record.interim {
            return;
        }
        // The request was counted when it was over.
        if record.inspection.late_finding == Some(true) {
            self.findings.get_or_create(&[("by", "late")]).inc();
            return;
        }
        self.rules.observe(record);
        match record.kind {
            RecordKind::Session => self.observe_session(record),
            RecordKind::Http => self.observe_request(record),
            // What the gateway tells of itself is counted where it happens.
            _ => {}
        }
    }

    fn observe_session(&self, record: &Record) {
        let transport = record.client.transport.map_or("unknown", |transport| transport.as_str());
        let interception = record.inspection.interception;
        let interception = interception.map_or("undecided", |interception| interception.as_str());
        let labels = [("transport", transport), ("interception", interception)];
        self.sessions.get_or_create(&labels).inc();
        if let Some(hit) = record.inspection.mint_cache_hit {
            let from = if hit { "hit" } else { "miss" };
            self.certificates.get_or_create(&[("cache", from)]).inc();
        }
        self.timings.observe_session(&record.timings);
        self.count_bytes(record);
        self.count_checks(record);
        let refused = record.decision.action == Some(Action::Block);
        if refused {
            self.count_refusal(record);
        }
        self.datagrams.observe(record, refused);
    }

    /// A second opinion has come, once the request was over.
    pub(crate) fn observe_late(&self, scan: &ExternalScan) {
        self.outside.observe_scan(scan);
    }

    fn observe_request(&self, record: &Record) {
        let spoken = Protocol::of(record);
        let protocol = spoken.as_str();
        let action = record.decision.action.map_or("none", Action::as_str);
        let find = || of(&self.requests, &[("protocol", protocol), ("action", action)]);
        let number = record.decision.action.map_or(0, |action| action as usize + 1);
        let number = number * Protocol::ALL + spoken as usize;
        self.at_hand.requests.with(number, find, |counter| {
            counter.inc();
        });
        if let Some(reason) = error(record) {
            self.errors.get_or_create(&[("protocol", protocol), ("reason", reason)]).inc();
        }
        if matches!(record.decision.action, Some(Action::Block | Action::Quarantine)) {
            self.count_refusal(record);
        }
        if let Some(reused) = record.origin.reused {
            let find = || of(&self.connections, &[("from", if reused { "pool" } else { "dial" })]);
            let number = usize::from(reused);
            self.at_hand.connections.with(number, find, |counter| {
                counter.inc();
            });
        }
        self.timings.observe_request(spoken, &record.timings);
        self.count_bytes(record);
        self.count_checks(record);
        self.count_inspection(record);
    }

    /// What was not let through, by rule or without one.
    fn count_refusal(&self, record: &Record) {
        let by_rule = !record.decision.policy_id.is_empty();
        let reason =
            if by_rule { "rule" } else { record.close_reason.map_or("default", close_reason) };
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    fn count_bytes(&self, record: &Record) {
        let bytes = &record.bytes;
        let directions = [
            ("from_client", bytes.from_client),
            ("to_client", bytes.to_client),
            ("from_origin", bytes.from_origin),
            ("to_origin", bytes.to_origin),
        ];
        for (number, (direction, count)) in directions.into_iter().enumerate() {
            if let Some(count) = count.filter(|count| *count > 0) {
                let find = || of(&self.bytes, &[("direction", direction)]);
                self.at_hand.bytes.with(number, find, |counter| {
                    counter.inc_by(count);
                });
            }
        }
    }

    fn count_checks(&self, record: &Record) {
        for found in &record.http.checks {
            let labels = [("side", found.side), ("check", found.check), ("outcome", found.outcome)];
            self.checks.get_or_create(&labels).inc();
        }
    }

    fn count_inspection(&self, record: &Record) {
        let inspection = &record.inspection;
        self.outside.observe(inspection);
        if let Some(outcome) = inspection.quarantine.outcome {
            self.quarantined.get_or_create(&[("outcome", outcome.as_str())]).inc();
        }
        if let Some(outcome) = deferred(record) {
            self.deferred.get_or_create(&[("outcome", outcome)]).inc();
        }
        if let Some(bytes) = inspection.scanned_bytes {
            self.scanned_bytes.inc_by(bytes);
        }
        let dlp = [&inspection.upload_dlp, &inspection.download_dlp];
        let dlp = dlp.iter().map(|found| found.profiles.len()).sum();
        for (by, found) in [("dlp", dlp), ("av", inspection.signatures.len())] {
            if found > 0 {
                let found = u64::try_from(found).unwrap_or(u64::MAX);
                self.findings.get_or_create(&[("by", by)]).inc_by(found);
            }
        }
        for part in &inspection.unscannable {
            let reason = unscannable(part.reason.as_bytes());
            self.unscannable.get_or_create(&[("reason", reason)]).inc();
        }
        if !inspection.unscannable.is_empty() {
            let stopped =
                matches!(record.decision.action, Some(Action::Block | Action::Quarantine));
            let fails = if stopped { "closed" } else { "open" };
            self.scanner_failures.get_or_create(&[("fails", fails)]).inc();
        }
    }

    /// Shows the counters in `registry`.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.begin_at_zero();
        self.register_by_one_label(registry);
        registry.register(
            "traced_flows",
            "Requests and connections whose trace was sent, or lost",
            self.traced.clone(),
        );
        registry.register(
            "requests",
            "Requests by protocol and executed action",
            self.requests.clone(),
        );
        registry.register("request_errors", "Requests that went wrong", self.errors.clone());
        registry.register(
            "http1_checks",
            "What checks of HTTP/1 found, by who sent it and what became of it",
            self.checks.clone(),
        );
        registry.register("sessions", "Connections that have ended", self.sessions.clone());
        registry.register(
            "scanned_bytes",
            "Decoded bytes that scanners saw",
            self.scanned_bytes.clone(),
        );
        registry.register(
            "tunnels_active",
            "Tunnels relayed without inspection now",
            self.tunnels.clone(),
        );
        self.attempts.register(registry);
        self.datagrams.register(registry);
        self.timings.register(registry);
        self.outside.register(registry);
        self.scans_served.register(registry);
        registry.register_collector(Box::new(self.rules.clone()));
    }

    /// Lets the counters that alerts ask for begin at 0, so that the first event shows in a rate.
    fn begin_at_zero(&self) {
        for why in [TurnedAway::NotAClient, TurnedAway::NoHeader, TurnedAway::TooMany] {
            drop(self.turned_away.get_or_create(&[("reason", why.as_str())]));
        }
        for fails in ["open", "closed"] {
            drop(self.scanner_failures.get_or_create(&[("fails", fails)]));
        }
        for by in ["av", "dlp"] {
            drop(self.findings.get_or_create(&[("by", by)]));
        }
    }

    fn register_by_one_label(&self, registry: &mut Registry) {
        let mut counters = |name: &str, help: &str, family: &Counters<1>| {
            registry.register(name, help, family.clone());
        };
        counters("refused", "Requests and connections that were not let through", &self.refused);
        counters(
            "clients_turned_away",
            "Clients turned away before their first byte",
            &self.turned_away,
        );
        counters("bytes", "Application bytes by direction", &self.bytes);
        counters(
            "certificates",
            "Client handshakes by where the certificate came from",
            &self.certificates,
        );
        counters(
            "origin_connections",
            "Requests by where their origin connection came from",
            &self.connections,
        );
        counters("findings", "Profiles and signatures that matched", &self.findings);
        counters("quarantined", "Bodies to be kept aside, by outcome", &self.quarantined);
        counters(
            "progress_downloads",
            "Downloads behind a page, by what became of them",
            &self.deferred,
        );
        counters("unscannable_parts", "Parts that could not be scanned", &self.unscannable);
        counters(
            "scanner_failures",
            "Requests with a part that could not be scanned, by what became of them: let through (open) or stopped (closed)",
            &self.scanner_failures,
        );
        counters("records", "Records handed to the sinks", &self.records);
    }
}

/// The metric of a family that has these labels.
fn of<L: Clone + Hash + Eq, M: Default + Clone>(family: &Family<L, M>, labels: &L) -> M {
    family.get_or_create(labels).clone()
}

#[cfg(test)]
mod tests;
