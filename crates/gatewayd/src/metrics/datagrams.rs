//! What became of datagrams: flows that were not let through, and datagrams that were not relayed.

use gateway_log::{CloseReason, Record, Transport};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

use super::Counters;

/// Why a datagram was dropped before it belonged to an association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// Its sender is not in a network whose hosts may use the gateway.
    NotAClient,
    /// Its sender must be known and is not.
    NotIdentified,
    /// It was sent to the gateway itself.
    OwnAddress,
    /// The client comes too late: the gateway is about to stop, or to leave the address.
    Stopping,
    /// The listener has no room for another client, or the client none for another association.
    TooManyClients,
    /// Too many of the client's datagrams wait.
    TooManyDatagrams,
}

impl Unheard {
    const ALL: [Self; 6] = [
        Self::NotAClient,
        Self::NotIdentified,
        Self::OwnAddress,
        Self::Stopping,
        Self::TooManyClients,
        Self::TooManyDatagrams,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::NotAClient => "not_a_client",
            Self::NotIdentified => "not_identified",
            Self::OwnAddress => "own_address",
            Self::Stopping => "stopping",
            Self::TooManyClients => "too_many_clients",
            Self::TooManyDatagrams => "too_many_datagrams",
        }
    }
}

/// The counters. Clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Datagrams {
    refused: Counters<1>,
    unheard: Counters<1>,
    dropped: Counter,
}

/// The words for why flows are refused, in the order in which they are looked for.
const REASONS: [&str; 7] =
    ["rule", "incomplete", "malformed", "unresolved", "address", "quic", "unknown_protocol"];

impl Datagrams {
    pub(super) fn unheard(&self, why: Unheard) {
        self.unheard.get_or_create(&[("reason", why.as_str())]).inc();
    }

    /// Counts what the record of a flow, or of a whole association, tells; nothing that another
    /// record tells.
    pub(super) fn observe(&self, record: &Record, refused: bool) {
        if !matches!(record.client.transport, Some(Transport::Udp | Transport::Quic)) {
            return;
        }
        if record.request_id.is_empty() {
            self.dropped.inc_by(record.datagrams.dropped.unwrap_or(0));
        } else if refused {
            self.refused.get_or_create(&[("reason", reason(record))]).inc();
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        for reason in REASONS {
            drop(self.refused.get_or_create(&[("reason", reason)]));
        }
        for why in Unheard::ALL {
            drop(self.unheard.get_or_create(&[("reason", why.as_str())]));
        }
        registry.register(
            "udp_refused_flows",
            "Flows of datagrams that were not let through",
            self.refused.clone(),
        );
        registry.register(
            "udp_unheard_datagrams",
            "Datagrams led here that no association took",
            self.unheard.clone(),
        );
        registry.register(
            "udp_dropped_datagrams",
            "Datagrams that associations which have ended did not relay",
            self.dropped.clone(),
        );
    }
}

/// Why a flow was refused, as its record tells.
fn reason(record: &Record) -> &'static str {
    match record.close_reason {
        _ if !record.decision.policy_id.is_empty() => "rule",
        Some(CloseReason::ClientIdleTimeout) => "incomplete",
        Some(CloseReason::ClientTlsError) => "malformed",
        Some(CloseReason::ProxyConnRefused) if record.origin.addr.is_none() => "address",
        Some(CloseReason::ProxyConnRefused) => match record.client.detected_protocol.as_bytes() {
            b"quic" => "quic",
            _ => "unknown_protocol",
        },
        _ => "unresolved",
    }
}

#[cfg(test)]
mod tests {
    use gateway_log::{Action, RecordKind};

    use super::*;
    use crate::metrics::Metrics;
    use crate::metrics::tests::{check, shown};

    fn flow(close: CloseReason, change: impl FnOnce(&mut Record)) -> Record {
        let mut record = Record::new(RecordKind::Session);
        record.client.transport = Some(Transport::Udp);
        record.request_id = "a-1".into();
        record.decision.action = Some(Action::Block);
        record.close_reason = Some(close);
        change(&mut record);
        record
    }

    #[test]
    fn refused_flows_are_counted_by_reason() {
        use CloseReason::{ClientIdleTimeout, ClientTlsError, OriginUnreachable, ProxyConnRefused};
        let at = Some(([192, 0, 2, 1], 443).into());
        let metrics = Metrics::default();
        metrics.observe(&flow(ProxyConnRefused, |r| r.decision.policy_id = "no".into()));
        metrics.observe(&flow(ClientIdleTimeout, |_| {}));
        metrics.observe(&flow(ClientTlsError, |_| {}));
        metrics.observe(&flow(ProxyConnRefused, |_| {}));
        metrics.observe(&flow(OriginUnreachable, |_| {}));
        metrics.observe(&flow(ProxyConnRefused, |r| r.origin.addr = at));
        metrics.observe(&flow(ProxyConnRefused, |r| {
            r.origin.addr = at;
            r.client.transport = Some(Transport::Quic);
            r.client.detected_protocol = "quic".into();
        }));
        // One that passed, and the association of all of them.
        metrics.observe(&flow(ClientIdleTimeout, |r| r.decision.action = None));
        metrics.observe(&flow(ClientIdleTimeout, |r| {
            r.request_id = "".into();
            r.decision.action = None;
            r.datagrams.dropped = Some(9);
        }));
        metrics.datagram_unheard(Unheard::Stopping);
        let text = shown(&metrics);
        for reason in REASONS {
            check(&text, &[&format!("gateway_udp_refused_flows_total{{reason=\"{reason}\"}} 1")]);
        }
        check(
            &text,
            &[
                "gateway_udp_dropped_datagrams_total 9",
                "gateway_udp_unheard_datagrams_total{reason=\"stopping\"} 1",
                "gateway_udp_unheard_datagrams_total{reason=\"own_address\"} 0",
            ],
        );
    }
}
