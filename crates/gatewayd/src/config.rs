//! What an administrator sets: `gateway.toml` as plain values with their defaults. The policy
//! (rules, profiles, databases) is not part of it.
//!
//! Every setting has a default, an unknown one is an error, and units are the last word of a name.

mod admin;
mod icap;
mod identity;
mod library_limits;
mod load;
mod log;
mod network;
mod restart;
mod scanners;
mod sinks;
mod validate;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use crate::net::Cidr;
pub(crate) use admin::Admin;
pub(crate) use icap::{Icap, Messages};
pub(crate) use identity::{
    Algorithm as JwtAlgorithm, Device, Identity, Jwt, Network, PostureCheck,
};
pub(crate) use load::{ConfigError, Loaded, load};
pub(crate) use log::{Log, Terminal};
pub(crate) use network::{
    Entrance, HeaderVersion, ProxyProtocol, Quic, Socks, SocksOffer, Transparent, Udp, Way,
};
pub(crate) use restart::needs_restart;
pub(crate) use scanners::{Clamd, Endpoint, Hold, OnError};

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Addresses to listen on. Default 127.0.0.1:8080.
    pub(crate) listen: Vec<SocketAddr>,
    /// Networks, besides loopback, whose hosts may use the gateway. Default none; must name some
    /// when an address to listen on is not loopback.
    pub(crate) clients: Vec<Cidr>,
    /// Ports that CONNECT may name. Default 443.
    pub(crate) connect_ports: Vec<u16>,
    /// What happens to a CONNECT that carries neither TLS nor HTTP. Default refuse.
    pub(crate) unknown_protocol: UnknownProtocol,
    /// What happens to a WebSocket handshake. Default inspect.
    pub(crate) websocket: WebSocket,
    /// What happens to a message that a rule blocks, where messages are rewritten. Default close.
    pub(crate) websocket_refused: RefusedMessage,
    /// Where HTTP/2 is spoken.
    pub(crate) http2: Http2,
    /// Proxy ports in TLS.
    pub(crate) proxy_tls: ProxyTls,
    /// The certificate authority.
    pub(crate) ca: Ca,
    /// Headers of load balancers.
    pub(crate) proxy_protocol: ProxyProtocol,
    /// SOCKS.
    pub(crate) socks: Socks,
    /// Connections and datagrams that the network leads here.
    pub(crate) transparent: Transparent,
    /// Datagrams.
    pub(crate) udp: Udp,
    /// How origins are reached and trusted.
    pub(crate) origin: Origin,
    /// Names with fixed addresses, looked up before DNS, in lower case.
    pub(crate) resolve: BTreeMap<String, Vec<IpAddr>>,
    /// Sizes and numbers.
    pub(crate) limits: Limits,
    /// Times.
    pub(crate) timeouts: Timeouts,
    /// Where records go.
    pub(crate) log: Log,
    /// A ClamAV daemon.
    pub(crate) clamd: Clamd,
    /// Services that messages go through.
    pub(crate) icap: Vec<Icap>,
    /// Where the policy is.
    pub(crate) policy: Policy,
    /// How Workers are run.
    pub(crate) workers: Workers,
    /// Who vouches for clients.
    pub(crate) identity: Identity,
    /// What the block page says.
    pub(crate) page: Page,
    /// When the gateway looks whether its files have changed.
    pub(crate) reload: Reload,
    /// Where the gateway is administered.
    pub(crate) admin: Admin,
    /// Where metrics and the state of health can be asked for.
    pub(crate) monitor: Monitor,
    /// Where traces go.
    pub(crate) otlp: Otlp,
    /// What the gateway says of itself.
    pub(crate) events: Events,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))],
            clients: Vec::new(),
            connect_ports: vec![443],
            unknown_protocol: UnknownProtocol::default(),
            websocket: WebSocket::default(),
            websocket_refused: RefusedMessage::default(),
            http2: Http2::default(),
            proxy_tls: ProxyTls::default(),
            ca: Ca::default(),
            proxy_protocol: ProxyProtocol::default(),
            socks: Socks::default(),
            transparent: Transparent::default(),
            udp: Udp::default(),
            origin: Origin::default(),
            resolve: BTreeMap::new(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            log: Log::default(),
            clamd: Clamd::default(),
            icap: Vec::new(),
            policy: Policy::default(),
            workers: Workers::default(),
            identity: Identity::default(),
            page: Page::default(),
            reload: Reload::default(),
            admin: Admin::default(),
            monitor: Monitor::default(),
            otlp: Otlp::default(),
            events: Events::default(),
        }
    }
}

impl Config {
    /// Whether a host at `address` may use the gateway: one of the named client networks, or
    /// loopback.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        is_local_or_in(&self.clients, address)
    }
}

fn is_local_or_in(networks: &[Cidr], address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || networks.iter().any(|network| network.contains(address))
}

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

/// What happens to a tunnel whose first bytes are neither TLS nor HTTP, or that stays silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UnknownProtocol {
    /// It is closed.
    #[default]
    Refuse,
    /// It is relayed without inspection.
    Relay,
}

/// What happens to a WebSocket handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WebSocket {
    /// It is passed on; after the origin's 101 each message is scanned on its way.
    #[default]
    Inspect,
    /// The same, and messages are written anew, so that one can be left out or replaced.
    Rewrite,
    /// It is passed on; after the origin's 101 the bytes are relayed unseen.
    Relay,
    /// Its Upgrade is taken off, so that the origin answers with ordinary HTTP.
    Strip,
}

/// What happens to a WebSocket message that a rule blocks, where messages are rewritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RefusedMessage {
    /// The connection is closed with code 1008.
    #[default]
    Close,
    /// It is left out.
    Drop,
    /// A notice goes in its place.
    Replace,
}

/// Where HTTP/2 is spoken; the two sides are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Http2 {
    /// With clients: on the proxy ports and within the TLS that is taken. Default true.
    pub(crate) client: bool,
    /// With origins over TLS. Default match.
    pub(crate) origin: OriginHttp2,
    /// Streams that a client may have open at a time on one connection. Default 128.
    pub(crate) streams_max: u32,
}

impl Default for Http2 {
    fn default() -> Self {
        Self { client: true, origin: OriginHttp2::Match, streams_max: 128 }
    }
}

/// Whether origins are offered HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OriginHttp2 {
    /// Where the client offers it.
    Match,
    Always,
    Never,
}

/// Proxy ports on which clients speak TLS with the gateway itself, under certificates of its
/// authority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProxyTls {
    /// Addresses to listen on. Default none.
    pub(crate) listen: Vec<SocketAddr>,
    /// The names of the gateway, in lower case. A client that asks for no name is shown a
    /// certificate for the address that it has connected to. Default none.
    pub(crate) names: Vec<String>,
}

/// The certificate authority that signs the leaf certificates shown to clients.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ca {
    /// Its certificate, PEM. Default `ca.pem`.
    pub(crate) cert: PathBuf,
    /// Its key, PKCS#8 PEM, readable by its owner alone. Default `ca.key`.
    pub(crate) key: PathBuf,
}

impl Default for Ca {
    fn default() -> Self {
        Self { cert: "ca.pem".into(), key: "ca.key".into() }
    }
}

/// How origins are reached and trusted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Origin {
    /// Whether the CA certificates of the system are trusted. Default true.
    pub(crate) system_roots: bool,
    /// Files of further CA certificates to trust, PEM. Default none.
    pub(crate) extra_ca: Vec<PathBuf>,
    /// Networks that are reachable although they are not on the Internet. Default none.
    pub(crate) allow: Vec<Cidr>,
}

impl Default for Origin {
    fn default() -> Self {
        Self { system_roots: true, extra_ca: Vec::new(), allow: Vec::new() }
    }
}

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
    /// Files within one body that are unpacked. Default 10,000.
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
            unpack_parts_max: 10_000,
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
    /// Default 2 s; 0 never releases.
    pub(crate) idle_release_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            client_hello_ms: 5_000,
            tls_handshake_ms: 10_000,
            head_ms: 10_000,
            body_idle_ms: 60_000,
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
            idle_release_ms: 2_000,
        }
    }
}

/// Where the policy is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// Folder of `rules.toml`, `dlp.toml`, `av/` and `workers/`. Default `policy`.
    pub(crate) dir: PathBuf,
}

impl Default for Policy {
    fn default() -> Self {
        Self { dir: "policy".into() }
    }
}

/// How Workers are run. What each of them may do stands in its own folder of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Workers {
    /// The program `workerd`; empty where there is none, and no rule can forward. Default empty.
    pub(crate) workerd: PathBuf,
    /// From the start of a process to its first request. Default 10 s.
    pub(crate) start_ms: u64,
    /// Without a sign of life after which a process is killed and started anew. Default 2 s.
    pub(crate) health_ms: u64,
}

impl Default for Workers {
    fn default() -> Self {
        Self { workerd: PathBuf::new(), start_ms: 10_000, health_ms: 2_000 }
    }
}

/// What the block page says besides what was blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Page {
    /// Who runs the gateway; empty for no word of it.
    pub(crate) organisation: String,
    /// Whom to ask: an e-mail address, a telephone number, a URL; empty for no word of it.
    pub(crate) contact: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_named_networks_are_clients() {
        let mut config = Config::default();
        let admits = |config: &Config, address: &str| config.admits(address.parse().unwrap());
        assert!(admits(&config, "127.0.0.1") && admits(&config, "::ffff:127.0.0.1"));
        assert!(admits(&config, "::1") && !admits(&config, "10.0.0.1"));
        config.clients = vec!["10.0.0.0/8".parse().unwrap()];
        assert!(admits(&config, "10.0.0.1") && admits(&config, "::ffff:10.0.0.1"));
        assert!(admits(&config, "127.0.0.1") && !admits(&config, "11.0.0.1"));
    }
}
