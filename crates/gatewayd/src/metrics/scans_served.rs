//! What is counted of scans for those who ask for them by themselves, beside all traffic.

use gateway_av::Verdict;
use prometheus_client::registry::Registry;

use super::Counters;

/// By which protocol somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanServer {
    /// That of clamd.
    Clamd,
    /// ICAP.
    Icap,
}

impl ScanServer {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Clamd => "clamd",
            Self::Icap => "icap",
        }
    }
}

/// The counters. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct ScansServed {
    scans: Counters<2>,
}

impl ScansServed {
    /// Counts one scan.
    pub(super) fn count(&self, server: ScanServer, verdict: Verdict) {
        let verdict = match verdict {
            Verdict::Clean => "clean",
            Verdict::Infected(_) => "infected",
            Verdict::Unscannable { .. } => "unscannable",
        };
        self.scans.get_or_create(&[("server", server.as_str()), ("verdict", verdict)]).inc();
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "scans_served",
            "Scans for clients of the clamd socket and of the ICAP service, by what they came to",
            self.scans.clone(),
        );
    }
}
