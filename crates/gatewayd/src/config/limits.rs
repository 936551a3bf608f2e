//! How much there may be of anything, and how long it may take: `[limits]` and `[timeouts]`.

use serde::Deserialize;

/// Sizes and numbers; none can be switched off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Bytes of a request or response head. Default 64 KiB.
    pub(crate) head_bytes_max: usize,
    /// Fields of a head. Default 128.
    pub(crate) head_fields_max: usize,
    /// Connections at a time of one client address. Default 512.
    pub(crate) connections_per_client_max: usize,
    /// Connections to origins, in use at a time, of one connection of a client. Default 64.
    pub(crate) origin_connections_max: usize,
    /// Bytes of one body that may be held back. Default 16 MiB.
    pub(crate) held_bytes_max: u64,
    /// Bytes at the end of a body that stay until it has been scanned as a whole. Default 64 KiB.
    pub(crate) hold_tail_bytes: u64,
    /// Bytes up to which a WebSocket message is held until it is whole. Default 64 KiB.
    pub(crate) websocket_hold_bytes_max: u64,
    /// Containers within containers that are unpacked. Default 16.
    pub(crate) unpack_depth_max: u8,
    /// Files within one body that are unpacked, if they are not tiny: beyond 10,000 there must have been
    /// a KiB of them for each. Default 100,000.
    pub(crate) unpack_parts_max: u32,
    /// Bytes that one body may unpack to, at each depth. Default 1 GiB.
    pub(crate) unpack_bytes_max: u64,
    /// Bytes that one packed byte may unpack to, on average beyond the first MiB. Default 200.
    pub(crate) unpack_ratio_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 64 << 10,
            head_fields_max: 128,
            connections_per_client_max: 512,
            origin_connections_max: 64,
            held_bytes_max: 16 << 20,
            hold_tail_bytes: 64 << 10,
            websocket_hold_bytes_max: 64 << 10,
            unpack_depth_max: 16,
            unpack_parts_max: 100_000,
            unpack_bytes_max: 1 << 30,
            unpack_ratio_max: 200,
        }
    }
}

/// Times, in milliseconds but for a rate; none but the idle release can be switched off.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Timeouts {
    /// From the connection to the complete ClientHello. Default 5 s.
    pub(crate) client_hello_ms: u64,
    /// From the ClientHello to the end of a TLS handshake, either side. Default 10 s.
    pub(crate) tls_handshake_ms: u64,
    /// From the first byte of a request head to its last. Default 10 s.
    pub(crate) head_ms: u64,
    /// Without a byte of a body that was begun. Default 60 s.
    pub(crate) body_idle_ms: u64,
    /// Without one byte taken by a client or an origin for which some wait. Default 2 min.
    pub(crate) stall_ms: u64,
    /// That a client of HTTP/1 which has ended its side is served without taking a byte. Default 30 s.
    pub(crate) half_closed_ms: u64,
    /// Bytes per second that a body must bring on average after `body_rate_grace_ms`. Default 500.
    pub(crate) body_rate_min: u64,
    /// From the begin of a body to the first look at its rate. Default 10 s.
    pub(crate) body_rate_grace_ms: u64,
    /// Without a byte in a tunnel, either way. Default 10 min.
    pub(crate) tunnel_idle_ms: u64,
    /// That both ends of a WebSocket get to end it once it is closed. Default 5 s.
    pub(crate) websocket_close_ms: u64,
    /// Between two requests on a client connection, and of a pooled origin connection. Default
    /// 60 s.
    pub(crate) keep_alive_idle_ms: u64,
    /// To connect to an origin, all its addresses together. Default 10 s.
    pub(crate) connect_ms: u64,
    /// From the end of a request to the head of its response. Default 60 s.
    pub(crate) response_head_ms: u64,
    /// That a request waits for one of the connections to origins that its client may have. Default
    /// 10 s.
    pub(crate) origin_turn_ms: u64,
    /// That running transfers get to finish after SIGTERM. Default 30 s.
    pub(crate) drain_ms: u64,
    /// That bytes of a body may be held for a decision. Default 30 s.
    pub(crate) hold_ms: u64,
    /// That a connection may go on under settings and a policy that have been replaced; then it is
    /// treated as at the end of the gateway. Default 1 h.
    pub(crate) superseded_ms: u64,
    /// Without a new byte after which bytes held by the mere beginning of a match are released.
    /// Default 0, which never releases.
    pub(crate) idle_release_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            client_hello_ms: 5_000,
            tls_handshake_ms: 10_000,
            head_ms: 10_000,
            body_idle_ms: 60_000,
            stall_ms: 120_000,
            half_closed_ms: 30_000,
            body_rate_min: 500,
            body_rate_grace_ms: 10_000,
            tunnel_idle_ms: 600_000,
            websocket_close_ms: 5_000,
            keep_alive_idle_ms: 60_000,
            connect_ms: 10_000,
            response_head_ms: 60_000,
            origin_turn_ms: 10_000,
            drain_ms: 30_000,
            hold_ms: 30_000,
            superseded_ms: 3_600_000,
            idle_release_ms: 0,
        }
    }
}
