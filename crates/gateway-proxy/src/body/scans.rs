//! What scanners outside look at of a body, and what they say of it.

use std::sync::Arc;
use std::time::Instant;

use gateway_content::Step;

use super::Body;
use crate::adapter::Offer;
use crate::external::{ScanFailure, ScanInput, ScanReport};
use crate::tee::Scanned;

impl Body {
    /// Whether the rules are to be told now, given that there is `news` or not: not before everybody has
    /// spoken who must.
    pub(super) fn tell_now(&mut self, news: bool) -> bool {
        self.untold |= news;
        let waits = self.tee.as_ref().is_some_and(|tee| tee.keeps_rules_waiting());
        !waits && std::mem::take(&mut self.untold)
    }

    /// Gives scanners outside what was unpacked; whether something of theirs is news.
    pub(super) fn take_verdicts(&mut self, now: Instant, step: Step) -> bool {
        let Some(tee) = &mut self.tee else { return false };
        let tally = &mut self.found.get_or_insert_default().tally;
        tee.distribute(tally, now);
        if step == Step::Done {
            tee.finish(tally, now);
        }
        tee.take_news()
    }

    /// Whether some scanner outside gets the message that it is of.
    pub(crate) fn wants_message(&self) -> bool {
        self.tee.as_ref().is_some_and(|tee| tee.wants_message())
    }

    /// The message that it is of. Said before anything of it comes.
    pub(crate) fn set_message(&mut self, message: Offer) {
        if let Some(tee) = &mut self.tee {
            tee.set_message(message);
        }
    }

    /// A scanner outside has said something.
    pub(crate) fn on_scan(&mut self, scanner: usize, report: ScanReport, now: Instant) {
        if let Some(tee) = &mut self.tee {
            tee.on_report(scanner, report, &mut self.found.get_or_insert_default().tally, now);
        }
    }

    /// What a scanner outside is to be given next.
    pub(crate) fn pop_scan(&mut self) -> Option<(usize, ScanInput)> {
        self.tee.as_mut()?.pop()
    }

    /// All of it has left: the second opinions on it that may still come, by scanner.
    pub(crate) fn detach_scans(&mut self) -> Vec<usize> {
        let left = self.has_left();
        self.tee.as_mut().filter(|_| left).map_or_else(Vec::new, |tee| tee.detach())
    }

    /// Nobody waits for scanners outside any more.
    pub(crate) fn cancel_scans(&mut self) {
        if let Some(tee) = &mut self.tee {
            tee.cancel();
        }
    }

    /// The scanner outside without whose verdict nothing may pass, and why there is none.
    pub(crate) fn failed_closed(&self) -> Option<(Arc<str>, ScanFailure)> {
        self.tee.as_ref().filter(|_| self.holds)?.failed_closed()
    }

    /// What scanners outside have said, for the record.
    pub(crate) fn scanned(&self) -> impl Iterator<Item = Scanned<'_>> {
        self.tee.iter().flat_map(|tee| tee.scanned())
    }
}
