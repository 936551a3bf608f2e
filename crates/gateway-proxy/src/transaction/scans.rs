//! The scans of a transaction's bodies by scanners outside: copies out, verdicts in.

use gateway_h1h2::{BodySize, ResponseHead};
use gateway_log::Record;

use super::adapt::strip_for_service;
use super::{Leg, Output, Transaction};
use crate::adapter::{Kept, Offer};
use crate::body::Body;
use crate::external::{ScanId, ScanReport};
use crate::late::Late;
use crate::rewrite;

impl Transaction {
    /// Shows the request to scanners that get more than its body.
    pub(super) fn show_request(&mut self) {
        if self.request.body.wants_message()
            && let Some(message) = self.copied(None)
        {
            self.request.body.set_message(message);
        }
    }

    /// Shows a response with this `head` to scanners that get more than its `body`.
    pub(super) fn show_response(&self, body: &mut Body, head: &ResponseHead) {
        if body.wants_message()
            && let Some(message) = self.copied(Some(head))
        {
            body.set_message(message);
        }
    }

    /// The request, or its `response`, as scanners see it who get a copy: as services do, and without
    /// content-codings.
    fn copied(&self, response: Option<&ResponseHead>) -> Option<Offer> {
        let size = if response.is_some() { BodySize::Empty } else { self.head.body };
        let mut request = self.shown(&self.head, size).ok()?;
        request.body = rewrite::without_codings(&mut request.fields, request.body);
        let response = response.map(|head| {
            let mut shown = head.clone();
            strip_for_service(&mut shown.fields);
            shown.body = rewrite::without_codings(&mut shown.fields, shown.body);
            shown
        });
        let client = Some(self.client.ip());
        Some(Offer { adapter: 0, request, response, client, kept: Kept::Whole })
    }

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
            let late = Late::new(record, &external.name, scan.leg, &self.policy.settings.cuts);
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
