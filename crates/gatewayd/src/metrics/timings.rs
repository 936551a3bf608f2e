//! How long things took, as histograms.

use gateway_log::Timings as Record;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::at_hand::AtHand;
use super::{Label, Protocol};

/// Seconds of waiting: for origins, for handshakes, for the end.
pub(super) const WAIT_S: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0];
/// Seconds of work: rules, scans, signing.
const WORK_S: [f64; 12] = [
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.01, 0.05, 0.25,
    1.0,
];

/// The histograms. Clones count together.
#[derive(Clone, Debug)]
pub(super) struct Timings {
    total: Family<[Label; 1], Histogram>,
    totals: AtHand<Histogram, { Protocol::ALL }>,
    first_byte: Histogram,
    rules: Histogram,
    scan: Histogram,
    mint: Histogram,
    client_tls: Histogram,
    connect: Histogram,
    origin_tls: Histogram,
}

impl Default for Timings {
    fn default() -> Self {
        let (waiting, working) = (|| Histogram::new(WAIT_S), || Histogram::new(WORK_S));
        Self {
            total: Family::new_with_constructor(waiting),
            totals: AtHand::default(),
            first_byte: waiting(),
            rules: working(),
            scan: working(),
            mint: working(),
            client_tls: waiting(),
            connect: waiting(),
            origin_tls: waiting(),
        }
    }
}

impl Timings {
    /// What only the record of a session tells.
    pub(super) fn observe_session(&self, timings: &Record) {
        observe_us(&self.mint, timings.mint_us);
        observe_ms(&self.client_tls, timings.client_tls_ms);
    }

    /// What the record of a request tells.
    pub(super) fn observe_request(&self, protocol: Protocol, timings: &Record) {
        let find = || self.total.get_or_create(&[("protocol", protocol.as_str())]).clone();
        self.totals.with(protocol as usize, find, |total| observe_ms(total, timings.total_ms));
        observe_ms(&self.first_byte, timings.origin_ttfb_ms);
        observe_us(&self.rules, timings.rule_evaluation_us);
        observe_us(&self.scan, timings.scan_us);
        observe_ms(&self.connect, timings.origin_connect_ms);
        observe_ms(&self.origin_tls, timings.origin_tls_ms);
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let total = "From the request head to the end of the response";
        registry.register("request_duration_seconds", total, self.total.clone());
        for (name, help, histogram) in [
            (
                "origin_first_byte_seconds",
                "From the request head to the first byte of the response",
                &self.first_byte,
            ),
            ("rule_evaluation_seconds", "Evaluating the rules of a request", &self.rules),
            ("scan_seconds", "Unpacking and scanning the bodies of a request", &self.scan),
            ("mint_seconds", "Minting a certificate", &self.mint),
            (
                "client_tls_seconds",
                "TLS handshakes with clients, minting included",
                &self.client_tls,
            ),
            ("origin_connect_seconds", "Connecting to origins", &self.connect),
            ("origin_tls_seconds", "TLS handshakes with origins", &self.origin_tls),
        ] {
            registry.register(name, help, histogram.clone());
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a duration that long is past every bucket")]
pub(super) fn observe_ms(histogram: &Histogram, ms: Option<u64>) {
    if let Some(ms) = ms {
        histogram.observe(ms as f64 / 1e3);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a duration that long is past every bucket")]
pub(super) fn observe_us(histogram: &Histogram, us: Option<u64>) {
    if let Some(us) = us {
        histogram.observe(us as f64 / 1e6);
    }
}
