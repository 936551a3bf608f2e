//! What is counted of scanners outside: clamd, and the services of ICAP. Their names are those of
//! the configuration, so that their number is bounded.

use gateway_log::{ExternalScan, Inspection, ScanVerdict, Text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::timings::{WAIT_S, observe_ms, observe_us};

/// The counters. Clones count together.
#[derive(Clone, Debug)]
pub(super) struct Outside {
    scans: Family<[(&'static str, String); 2], Counter>,
    took: Family<[(&'static str, String); 1], Histogram>,
}

impl Default for Outside {
    fn default() -> Self {
        let took = Family::new_with_constructor((|| Histogram::new(WAIT_S)) as fn() -> Histogram);
        Self { scans: Family::default(), took }
    }
}

impl Outside {
    /// Counts what the record of a request tells.
    pub(super) fn observe(&self, inspection: &Inspection) {
        // One that goes on is counted when it has ended.
        let ended = |scan: &&ExternalScan| scan.verdict != ScanVerdict::Pending;
        inspection.external_scans.iter().filter(ended).for_each(|scan| self.observe_scan(scan));
        for adaptation in &inspection.adaptations {
            let name = name(&adaptation.service);
            self.count(&name, adaptation.outcome.as_str());
            let took = self.took.get_or_create(&[("scanner", name)]);
            observe_us(&took, Some(adaptation.duration_us));
        }
    }

    /// Counts a scan that has ended.
    pub(super) fn observe_scan(&self, scan: &ExternalScan) {
        let name = name(&scan.scanner);
        self.count(&name, scan.verdict.as_str());
        if scan.verdict != ScanVerdict::Abandoned {
            let took = self.took.get_or_create(&[("scanner", name)]);
            observe_ms(&took, Some(scan.duration_ms));
        }
    }

    fn count(&self, scanner: &str, outcome: &'static str) {
        let labels = [("scanner", scanner.to_owned()), ("outcome", outcome.to_owned())];
        self.scans.get_or_create(&labels).inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "external_scans",
            "Bodies given to clamd and messages given to ICAP services, by what came of it",
            self.scans.clone(),
        );
        registry.register(
            "external_scan_seconds",
            "From the first byte given to a scanner outside to its last word",
            self.took.clone(),
        );
    }
}

fn name(text: &Text) -> String {
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}
