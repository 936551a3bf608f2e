//! The scans of a transaction's bodies by scanners outside: copies out, verdicts in.

use super::{Leg, Output, Transaction};
use crate::external::{ScanId, ScanReport};

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
