//! What must hold of a configuration beyond the form of its values.

mod log;
mod numbers;

use std::net::SocketAddr;
use std::path::Path;

use super::load::Setting;
use super::{
    Clamd, Config, ConfigError, Endpoint, Identity, RefusedMessage, Transfer, Transparent,
    WebSocket,
};
use crate::args::RunArgs;
use crate::payload::PublicKey;
use crate::toml_file;
pub(super) use numbers::DAY_MS;

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
    check_addresses(config, run, from)?;
    check_otlp(&config.otlp.endpoint, || from(&["otlp", "endpoint"]))?;
    check_clamd(&config.clamd, from)?;
    check_payload_key(&config.dlp.payload_key, || from(&["dlp", "payload_key"]))?;
    check_headers(&config.dlp.headers, || from(&["dlp", "headers"]))?;
    super::http1::check(&config.http1, from)?;
    super::icap::check(&config.icap, from)?;
    super::scan_servers::check(&config.clamd_server, &config.icap_server, from)?;
    super::release::check(&config.release, from)?;
    super::progress::check(&config.progress, from)?;
    super::quarantine::check(&config.quarantine, from)?;
    numbers::check(config, from)?;
    if config.websocket_refused != RefusedMessage::Close && config.websocket != WebSocket::Rewrite {
        let what = "`websocket = \"rewrite\"`, without which no message can be taken out";
        return Err(ConfigError::Needs { from: from(&["websocket_refused"]), what });
    }
    super::admin::check(&config.admin, from)?;
    check_identity(&config.identity, &from)?;
    log::check(&config.log, from)?;
    check_names(config, from)
}

/// Refuses to be open to everybody.
fn check_addresses(
    config: &Config,
    run: &RunArgs,
    from: impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    check_listeners(config, || {
        if run.listen.is_empty() { from(&["listen"]) } else { Setting::Flag("--listen") }
    })?;
    check_open(config, &config.proxy_tls.listen, || from(&["proxy_tls", "listen"]))?;
    if config.monitor.clients.is_empty()
        && let Some(address) = reachable(&config.monitor.listen)
    {
        return Err(ConfigError::OpenMonitor { from: from(&["monitor", "listen"]), address });
    }
    let Transparent { redirect, tproxy, tproxy_udp } = &config.transparent;
    for (key, addresses) in [("redirect", redirect), ("tproxy", tproxy), ("tproxy_udp", tproxy_udp)]
    {
        check_open(config, addresses, || from(&["transparent", key]))?;
    }
    Ok(())
}

/// Names must be in the form in which they are looked up.
fn check_names(config: &Config, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
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

/// Refuses what is no public key.
fn check_payload_key(key: &str, from: impl Fn() -> Setting) -> Result<(), ConfigError> {
    if key.is_empty() || key.parse::<PublicKey>().is_ok() {
        return Ok(());
    }
    let expected = "a public key as `gateway-proxy dlp key` prints it";
    Err(ConfigError::Endpoint { from: from(), found: key.to_owned(), expected })
}

/// Refuses what is no name of a field.
fn check_headers(names: &[String], from: impl Fn() -> Setting) -> Result<(), ConfigError> {
    let is_name = |name: &String| name == "*" || name.parse::<http::HeaderName>().is_ok();
    match names.iter().find(|name| !is_name(name)) {
        None => Ok(()),
        Some(name) => {
            let expected = "the name of a field, or \"*\"";
            Err(ConfigError::Endpoint { from: from(), found: name.clone(), expected })
        }
    }
}

/// Refuses an address at which no daemon can be.
fn check_clamd(clamd: &Clamd, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    let endpoint = clamd.address.parse::<Endpoint>();
    if clamd.transfer == Transfer::File && matches!(endpoint, Ok(Endpoint::Tcp(_))) {
        let what = "an `address` of the form \"unix:/path\": no other connection passes files";
        return Err(ConfigError::Needs { from: from(&["clamd", "transfer"]), what });
    }
    if clamd.address.is_empty() || endpoint.is_ok() {
        return Ok(());
    }
    let expected = "\"unix:/path\" or an IP address with a port";
    let from = from(&["clamd", "address"]);
    Err(ConfigError::Endpoint { from, found: clamd.address.clone(), expected })
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
