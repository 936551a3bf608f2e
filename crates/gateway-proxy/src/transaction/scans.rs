//! The scans of a transaction's bodies by scanners outside: copies out, verdicts in.

use gateway_log::Record;

use super::{Leg, Output, Transaction};
use crate::external::{ScanId, ScanReport};
use crate::late::Late;

impl Transaction {
    /// A scan has said something.
    pub(super) fn on_scan(&mut self, scan: ScanId, report: ScanReport) {
        match scan.leg {
            Leg::Client => {
                self.request.body.on_scan(scan.scanner, report, self.now);
                self.pump_request();
            }
            Leg::Origin => {
                if let Some(body) = &mut self.response.body {
                    body.on_scan(scan.scanner, report, self.now);
                }
                self.pump_response();
            }
        }
    }

    /// Gives the scans what they are to look at.
    pub(super) fn feed_scans(&mut self, leg: Leg) {
        let body = match leg {
            Leg::Client => Some(&mut self.request.body),
            Leg::Origin => self.response.body.as_mut(),
        };
        let Some(body) = body else { return };
        while let Some((scanner, input)) = body.pop_scan() {
            self.out.push_back(Output::Scan(ScanId { leg, scanner }, input));
        }
    }

    /// The second opinions that may still come once this is over.
    pub(super) fn detach_scans(&mut self) -> Vec<ScanId> {
        let up = self.request.body.detach_scans();
        let down = self.response.body.as_mut().map_or_else(Vec::new, |body| body.detach_scans());
        let [up, down] = [(Leg::Client, up), (Leg::Origin, down)].map(|(leg, scanners)| {
            scanners.into_iter().map(move |scanner| ScanId { leg, scanner })
        });
        up.chain(down).collect()
    }

    /// Hands the scans over that go on, with what is to be told if they find something.
    pub(super) fn tell_detached(&mut self, detached: Vec<ScanId>, record: &Record) {
        for scan in detached {
            let Some(external) = self.policy.settings.external.get(scan.scanner) else { continue };
            let late = Late::new(record, external.name, scan.leg, &self.policy.settings.cuts);
            self.emit(Output::Detached(scan, Box::new(late)));
        }
    }

    /// Nobody waits for verdicts any more.
    pub(super) fn cancel_scans(&mut self) {
        self.request.body.cancel_scans();
        if let Some(body) = &mut self.response.body {
            body.cancel_scans();
        }
        self.feed_scans(Leg::Client);
        self.feed_scans(Leg::Origin);
    }
}
