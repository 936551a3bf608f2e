//! How the gateway is watched, and how it keeps up with its files: `[monitor]`, `[reload]`, `[otlp]`,
//! `[events]`.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use super::is_local_or_in;
use crate::net::Cidr;

/// Where metrics and the state of health can be asked for, by HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Monitor {
    /// Addresses to listen on. Default none.
    pub(crate) listen: Vec<SocketAddr>,
    /// Networks, besides loopback, whose hosts may ask. Default none; must name some when an
    /// address to listen on is not loopback.
    pub(crate) clients: Vec<Cidr>,
}

impl Monitor {
    /// Whether a host at `address` may ask.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        is_local_or_in(&self.clients, address)
    }
}

/// When the gateway looks whether its files have changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Reload {
    /// Milliseconds between two looks at the files; 0 for none. What has changed is loaded once it
    /// looks the same twice. Default 2 s.
    pub(crate) watch_ms: u64,
}

impl Default for Reload {
    fn default() -> Self {
        Self { watch_ms: 2_000 }
    }
}

/// Where traces go, by OTLP over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Otlp {
    /// URL of the collector, such as `http://127.0.0.1:4318/v1/traces`; empty for none, the
    /// default.
    pub(crate) endpoint: String,
}

/// What the gateway says on standard error of its own life: starts, reloads, listeners, troubles.
/// Of traffic the records tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Events {
    /// The least weighty that is said. Default info.
    pub(crate) level: Level,
    /// How it is said. Default text.
    pub(crate) form: EventForm,
}

/// How much an event weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Something does not work.
    Error,
    /// Something works, but not as it should.
    Warn,
    /// Something has changed.
    #[default]
    Info,
    /// What those who look for a fault want to know.
    Debug,
}

/// How events are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventForm {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
