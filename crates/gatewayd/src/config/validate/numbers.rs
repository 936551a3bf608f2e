//! The ranges in which the numbers of a configuration must lie.

use super::super::load::{Range, Setting};
use super::super::{Clamd, Config, ConfigError, Identity, Limits, Timeouts, Udp};

/// No time-out may be longer: a connection that lives on must have been used.
pub(in crate::config) const DAY_MS: u64 = 86_400_000;

/// As many matches of a body as are quoted.
const SHOWN_MAX: u64 = 16;

/// Checks every number that has no checks of its table's own.
pub(super) fn check(config: &Config, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    let range = |path: &[&str], found: u64, min: u64, max: u64| {
        let expected = Range { min, max };
        if (min..=max).contains(&found) {
            return Ok(());
        }
        Err(ConfigError::Range { from: from(path), found, expected })
    };
    for &port in &config.connect_ports {
        range(&["connect_ports"], port.into(), 1, u16::MAX.into())?;
    }
    range(&["http2", "streams_max"], config.http2.streams_max.into(), 1, 1 << 10)?;
    for (key, value, min) in times(&config.timeouts) {
        range(&["timeouts", key], value, min, DAY_MS)?;
    }
    for (key, value) in
        [("start_ms", config.workers.start_ms), ("health_ms", config.workers.health_ms)]
    {
        range(&["workers", key], value, 100, DAY_MS)?;
    }
    let limits = sizes(&config.limits).map(|row| ("limits", row));
    let udp = datagrams(&config.udp).map(|row| ("udp", row));
    let clamd = clamd(&config.clamd).map(|row| ("clamd", row));
    let identity = identity(&config.identity).map(|row| ("identity", row));
    let tables = limits.into_iter().chain(udp).chain(clamd).chain(identity);
    for (table, (key, value, min, max)) in tables {
        range(&[table, key], value, min, max)?;
    }
    let shown = u64::try_from(config.dlp.shown_matches_max).unwrap_or(u64::MAX);
    range(&["dlp", "shown_matches_max"], shown, 0, SHOWN_MAX)?;
    range(&["identity", "jwt", "leeway_s"], config.identity.jwt.leeway_s, 0, 3_600)?;
    range(&["reload", "watch_ms"], config.reload.watch_ms, 0, DAY_MS)
}

/// The keys of `[limits]` with their values and what these may be.
fn sizes(limits: &Limits) -> [(&'static str, u64, u64, u64); 11] {
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    [
        ("head_bytes_max", wide(limits.head_bytes_max), 1 << 10, 1 << 20),
        ("head_fields_max", wide(limits.head_fields_max), 8, 256),
        ("connections_per_client_max", wide(limits.connections_per_client_max), 1, 1 << 20),
        ("origin_connections_max", wide(limits.origin_connections_max), 1, 1 << 16),
        ("held_bytes_max", limits.held_bytes_max, 64 << 10, 1 << 32),
        ("hold_tail_bytes", limits.hold_tail_bytes, 1, limits.held_bytes_max),
        ("websocket_hold_bytes_max", limits.websocket_hold_bytes_max, 1, limits.held_bytes_max),
        ("unpack_depth_max", limits.unpack_depth_max.into(), 1, 64),
        ("unpack_parts_max", limits.unpack_parts_max.into(), 1, 1 << 24),
        ("unpack_bytes_max", limits.unpack_bytes_max, 1 << 20, 1 << 40),
        ("unpack_ratio_max", limits.unpack_ratio_max.into(), 10, 1_100),
    ]
}

/// The keys of `[udp]` with their values and what these may be.
fn datagrams(udp: &Udp) -> [(&'static str, u64, u64, u64); 7] {
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    [
        ("peers_max", wide(udp.peers_max), 1, 1 << 16),
        ("held_bytes_max", wide(udp.held_bytes_max), 4 << 10, 16 << 20),
        ("datagram_bytes_max", wide(udp.datagram_bytes_max), 1_200, 65_507),
        ("relayed_peers_max", wide(udp.relayed_peers_max), 1, 1 << 16),
        ("first_datagrams_ms", udp.first_datagrams_ms, 1, DAY_MS),
        ("flow_idle_ms", udp.flow_idle_ms, 1_000, DAY_MS),
        ("drain_idle_ms", udp.drain_idle_ms, 1, DAY_MS),
    ]
}

/// The keys of `[timeouts]` with their values and the least that these may be.
fn times(times: &Timeouts) -> [(&'static str, u64, u64); 18] {
    [
        ("client_hello_ms", times.client_hello_ms, 1),
        ("tls_handshake_ms", times.tls_handshake_ms, 1),
        ("head_ms", times.head_ms, 1),
        ("body_idle_ms", times.body_idle_ms, 1),
        ("stall_ms", times.stall_ms, 1),
        ("half_closed_ms", times.half_closed_ms, 1),
        ("body_rate_min", times.body_rate_min, 1),
        ("body_rate_grace_ms", times.body_rate_grace_ms, 1),
        ("tunnel_idle_ms", times.tunnel_idle_ms, 1),
        ("websocket_close_ms", times.websocket_close_ms, 1),
        ("keep_alive_idle_ms", times.keep_alive_idle_ms, 1),
        ("connect_ms", times.connect_ms, 1),
        ("response_head_ms", times.response_head_ms, 1),
        ("origin_turn_ms", times.origin_turn_ms, 1),
        ("drain_ms", times.drain_ms, 1),
        ("hold_ms", times.hold_ms, 1),
        ("superseded_ms", times.superseded_ms, 1),
        ("idle_release_ms", times.idle_release_ms, 0),
    ]
}

/// The keys of `[clamd]` with their values and what these may be.
fn clamd(clamd: &Clamd) -> [(&'static str, u64, u64, u64); 5] {
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    [
        ("bytes_max", clamd.bytes_max, 1 << 10, 1 << 32),
        ("scans_max", wide(clamd.scans_max), 1, 1 << 12),
        ("connect_ms", clamd.connect_ms, 1, DAY_MS),
        ("send_ms", clamd.send_ms, 1, DAY_MS),
        ("answer_ms", clamd.answer_ms, 1, DAY_MS),
    ]
}

/// The keys of `[identity]` with their values and what these may be.
fn identity(identity: &Identity) -> [(&'static str, u64, u64, u64); 4] {
    [
        ("cache_ms", identity.cache_ms, 0, DAY_MS),
        ("refused_cache_ms", identity.refused_cache_ms, 0, DAY_MS),
        ("attempts_max", identity.attempts_max.into(), 1, 1 << 20),
        ("lock_ms", identity.lock_ms, 1, DAY_MS),
    ]
}
