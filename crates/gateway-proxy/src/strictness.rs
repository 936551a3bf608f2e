//! The checks of HTTP/1 in a flow: what settings and rules make of them, and what the record tells of
//! what they found. The checks themselves are the codec's.

use gateway_h1h2::h1::{Check, Checks, Found, Severity};
use gateway_log::{CheckFinding, Record};
use gateway_rules::Rule;

/// The checks of messages, by who sends them. By default both are strict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strictness {
    /// Of the messages of clients.
    pub client: Checks,
    /// Of the messages of origins.
    pub origin: Checks,
}

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Origin,
}

impl Sender {
    const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Origin => "origin",
        }
    }
}

/// What the rules that have won so far make of the checks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relaxed(Vec<(Check, Severity)>);

impl Relaxed {
    /// Adds what `rule` relaxes. Names that no check has were refused when the rule was read.
    pub(crate) fn add(&mut self, rule: &Rule) {
        let named = rule
            .checks
            .iter()
            .filter_map(|(check, severity)| Check::by_id(check).zip(Severity::by_name(severity)));
        self.0.extend(named);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `checks` as these rules have them.
    pub(crate) fn over(&self, checks: &Checks) -> Checks {
        let mut relaxed = checks.clone();
        for (check, severity) in &self.0 {
            // What a check does not offer was refused when the rule was read.
            let _ = relaxed.set(*check, *severity);
        }
        relaxed
    }
}

/// Writes into `record` what `checks` found in a message of `sender`. What is not mended by default
/// but let pass by a setting is a warning; why a message was refused is told elsewhere.
pub(crate) fn note(record: &mut Record, sender: Sender, found: Found, checks: &Checks) {
    let side = sender.name();
    for check in found.iter() {
        let severity = checks.severity(check);
        let finding = CheckFinding { side, check: check.id(), outcome: severity.name() };
        record.http.checks.push(finding);
        if severity != Severity::Reject && severity != check.severity() {
            record.warnings.push(format!("{side}: {check}: {severity}").into());
        }
    }
}
