//! What is measured, and what each figure should be.

/// One kind of load.
pub(super) struct Scenario {
    /// The name by which the load client knows it.
    pub(super) name: &'static str,
    pub(super) does: &'static str,
    /// Whether TLS is intercepted.
    pub(super) way: Way,
    /// CPU microseconds per request that the gateway may take with every filter off.
    pub(super) target_us: f64,
}

/// How requests reach the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In absolute form, in the clear.
    Forward,
    /// In a CONNECT tunnel that is intercepted, HTTP/1.1.
    Intercept,
    /// The same, HTTP/2.
    Intercept2,
}

/// All scenarios, in the order of the report.
pub(super) const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "A",
        does: "plain forward, 1 KiB, 64 connections that stay",
        way: Way::Forward,
        target_us: 13.0,
    },
    Scenario {
        name: "D",
        does: "intercepted h1 to h1, 1 KiB, 64 connections that stay",
        way: Way::Intercept,
        target_us: 17.0,
    },
    Scenario {
        name: "E",
        does: "intercepted h2, 1 KiB, one connection of 32 streams",
        way: Way::Intercept2,
        target_us: 15.5,
    },
    Scenario {
        name: "F1",
        does: "intercepted, a new tunnel and handshake for each 1 KiB",
        way: Way::Intercept,
        target_us: 180.0,
    },
    Scenario {
        name: "G1",
        does: "intercepted h1, 10 MiB downloads, 4 connections",
        way: Way::Intercept,
        target_us: 9_000.0,
    },
];
