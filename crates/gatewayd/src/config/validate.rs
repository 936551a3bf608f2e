//! What must hold of a configuration beyond the form of its values.

mod log;

use std::net::SocketAddr;
use std::path::Path;

use super::load::{Range, Setting};
use super::{
    Clamd, Config, ConfigError, Endpoint, Identity, Limits, RefusedMessage, Timeouts, Transparent,
    Udp, WebSocket,
};
use crate::args::RunArgs;
use crate::toml_file;

/// Checks `config`, which came from `text`, the contents of `file`, and from the flags `run`.
pub(super) fn check(
    config: &Config,
    file: &Path,
    text: &str,
    run: &RunArgs,
) -> Result<(), ConfigError> {
    let from = |path: &[&str]| Setting::File {
        place: toml_file::place_of(file, text, path),
        key: path.join("."),
    };
    check_listeners(config, || {
        if run.listen.is_empty() { from(&["listen"]) } else { Setting::Flag("--listen") }
    })?;
    check_open(config, &config.proxy_tls.listen, || from(&["proxy_tls", "listen"]))?;
    if config.monitor.clients.is_empty()
        && let Some(address) = reachable(&config.monitor.listen)
    {
        return Err(ConfigError::OpenMonitor { from: from(&["monitor", "listen"]), address });
    }
    check_otlp(&config.otlp.endpoint, || from(&["otlp", "endpoint"]))?;
    check_clamd(&config.clamd, from)?;
    super::icap::check(&config.icap, from)?;
    let Transparent { redirect, tproxy, tproxy_udp } = &config.transparent;
    for (key, addresses) in [("redirect", redirect), ("tproxy", tproxy), ("tproxy_udp", tproxy_udp)]
    {
        check_open(config, addresses, || from(&["transparent", key]))?;
    }
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
    if config.websocket_refused != RefusedMessage::Close && config.websocket != WebSocket::Rewrite {
        let what = "`websocket = \"rewrite\"`, without which no message can be taken out";
        return Err(ConfigError::Needs { from: from(&["websocket_refused"]), what });
    }
    range(&["http2", "streams_max"], config.http2.streams_max.into(), 1, 1 << 10)?;
    for (key, value, min, max) in sizes(&config.limits) {
        range(&["limits", key], value, min, max)?;
    }
    for (key, value, min) in times(&config.timeouts) {
        range(&["timeouts", key], value, min, DAY_MS)?;
    }
    for (key, value) in
        [("start_ms", config.workers.start_ms), ("health_ms", config.workers.health_ms)]
    {
        range(&["workers", key], value, 100, DAY_MS)?;
    }
    for (key, value, min, max) in datagrams(&config.udp) {
        range(&["udp", key], value, min, max)?;
    }
    for (key, value, min, max) in clamd(&config.clamd) {
        range(&["clamd", key], value, min, max)?;
    }
    range(&["reload", "watch_ms"], config.reload.watch_ms, 0, DAY_MS)?;
    super::admin::check(&config.admin, from)?;
    let Identity { cache_ms, refused_cache_ms, attempts_max, lock_ms, .. } = &config.identity;
    for (key, value, min, max) in [
        ("cache_ms", *cache_ms, 0, DAY_MS),
        ("refused_cache_ms", *refused_cache_ms, 0, DAY_MS),
        ("attempts_max", (*attempts_max).into(), 1, 1 << 20),
        ("lock_ms", *lock_ms, 1, DAY_MS),
    ] {
        range(&["identity", key], value, min, max)?;
    }
    range(&["identity", "jwt", "leeway_s"], config.identity.jwt.leeway_s, 0, 3_600)?;
    check_identity(&config.identity, &from)?;
    log::check(&config.log, from)?;
    for name in &config.proxy_tls.names {
        check_name(name, || from(&["proxy_tls", "names"]))?;
    }
    for (name, addresses) in &config.resolve {
        check_name(name, || from(&["resolve", name]))?;
        if addresses.is_empty() {
            return Err(ConfigError::Empty { from: from(&["resolve", name]), what: "address" });
        }
    }
    Ok(())
}

/// Whether everything that a source of identity needs is there.
fn check_identity(
    identity: &Identity,
    from: &impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    let needs = |path: &[&str], what| Err(ConfigError::Needs { from: from(path), what });
    let Identity { required, users, jwt, device, network, .. } = identity;
    let has_jwks = !jwt.jwks.as_os_str().is_empty();
    if jwt.algorithms.is_empty() {
        let from = from(&["identity", "jwt", "algorithms"]);
        return Err(ConfigError::Empty { from, what: "signature" });
    }
    if has_jwks && jwt.issuer.is_empty() {
        return needs(&["identity", "jwt", "jwks"], "`issuer` beside it, as `iss` names it");
    }
    if has_jwks && jwt.audience.is_empty() {
        return needs(&["identity", "jwt", "jwks"], "`audience` beside it, as `aud` names it");
    }
    if device.required && device.ca.is_empty() {
        return needs(&["identity", "device", "required"], "`ca` beside it, to tell whose");
    }
    for check in &device.check {
        let all = [&check.organization, &check.organizational_unit, &check.issuer];
        if check.id.is_empty() || all.iter().all(|wanted| wanted.is_none()) {
            let what = "an `id`, and `organization`, `organizational_unit` or `issuer`";
            return needs(&["identity", "device", "check"], what);
        }
    }
    let has_source =
        has_jwks || !users.as_os_str().is_empty() || !network.is_empty() || !device.ca.is_empty();
    if *required && !has_source {
        return needs(&["identity", "required"], "a source: `users`, `jwt`, `device` or `network`");
    }
    Ok(())
}

/// Refuses an endpoint that traces could not be sent to.
fn check_otlp(endpoint: &str, from: impl Fn() -> Setting) -> Result<(), ConfigError> {
    #[cfg(feature = "otlp")]
    let (sound, expected) =
        (crate::otlp::is_endpoint(endpoint), "a URL such as http://127.0.0.1:4318/v1/traces");
    #[cfg(not(feature = "otlp"))]
    let (sound, expected) = (false, "nothing, as this program was built without `otlp`");
    if sound || endpoint.is_empty() {
        return Ok(());
    }
    Err(ConfigError::Endpoint { from: from(), found: endpoint.to_owned(), expected })
}

/// Refuses an address at which no daemon can be.
fn check_clamd(clamd: &Clamd, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    if clamd.address.is_empty() || clamd.address.parse::<Endpoint>().is_ok() {
        return Ok(());
    }
    let expected = "\"unix:/path\" or an IP address with a port";
    let from = from(&["clamd", "address"]);
    Err(ConfigError::Endpoint { from, found: clamd.address.clone(), expected })
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

/// Refuses to be an open proxy.
fn check_listeners(config: &Config, from: impl Fn() -> Setting) -> Result<(), ConfigError> {
    if config.listen.is_empty() {
        return Err(ConfigError::Empty { from: from(), what: "address" });
    }
    check_open(config, &config.listen, from)
}

fn check_open(
    config: &Config,
    addresses: &[SocketAddr],
    from: impl Fn() -> Setting,
) -> Result<(), ConfigError> {
    match reachable(addresses) {
        Some(address) if config.clients.is_empty() => {
            Err(ConfigError::OpenProxy { from: from(), address })
        }
        Some(_) | None => Ok(()),
    }
}

/// A name must be in the form in which it is looked up.
fn check_name(name: &str, from: impl Fn() -> Setting) -> Result<(), ConfigError> {
    let meant = name.trim_end_matches('.').to_ascii_lowercase();
    if meant == name && !meant.is_empty() {
        return Ok(());
    }
    Err(ConfigError::HostName { from: from(), found: name.to_owned(), meant })
}

/// The first of `addresses` that other hosts can reach.
fn reachable(addresses: &[SocketAddr]) -> Option<SocketAddr> {
    addresses.iter().copied().find(|address| !address.ip().to_canonical().is_loopback())
}

/// No time-out may be longer: a connection that lives on must have been used.
pub(super) const DAY_MS: u64 = 86_400_000;

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
fn times(times: &Timeouts) -> [(&'static str, u64, u64); 16] {
    [
        ("client_hello_ms", times.client_hello_ms, 1),
        ("tls_handshake_ms", times.tls_handshake_ms, 1),
        ("head_ms", times.head_ms, 1),
        ("body_idle_ms", times.body_idle_ms, 1),
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
