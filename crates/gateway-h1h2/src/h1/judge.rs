//! What happens when a check finds something: it is counted, and its severity decides.

use super::{Check, Checks, Counts, Found, Severity};

/// A refused message: the check, and where in the piece that was being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) check: Check,
    pub(super) at: usize,
}

/// A fault with its place in the stream of received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) check: Check,
    pub(super) offset: u64,
}

impl Fault {
    /// Places the fault in the stream, where the piece that was looked at begins at `start`.
    pub(super) fn behind(self, start: u64) -> Located {
        Located { check: self.check, offset: start.saturating_add(self.at as u64) }
    }
}

/// How a tolerated finding is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    Repair,
    Observe,
}

/// The severities of a connection together with its counters.
pub(super) struct Judge<'a> {
    pub(super) checks: &'a Checks,
    pub(super) counts: &'a mut Counts,
    pub(super) fresh: &'a mut Found,
}

impl Judge<'_> {
    /// A check found something at `at`: counts it, and says whether the message may go on.
    pub(super) fn find(&mut self, check: Check, at: usize) -> Result<Tolerance, Fault> {
        self.counts.add(check);
        self.fresh.insert(check);
        match self.checks.severity(check) {
            Severity::Reject => Err(Fault { check, at }),
            Severity::Repair => Ok(Tolerance::Repair),
            Severity::Observe => Ok(Tolerance::Observe),
        }
    }

    /// A check without leeway found something at `at`.
    pub(super) fn refuse(&mut self, check: Check, at: usize) -> Fault {
        self.counts.add(check);
        self.fresh.insert(check);
        Fault { check, at }
    }
}
