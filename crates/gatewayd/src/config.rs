//! What an administrator sets: `gateway.toml` as plain values with their defaults. The policy
//! (rules, profiles, databases) is not part of it.
//!
//! Every setting has a default, an unknown one is an error, and units are the last word of a name.

mod admin;
mod http;
mod http1;
mod icap;
mod identity;
mod library_limits;
mod limits;
mod load;
mod log;
mod network;
mod operation;
mod progress;
mod quarantine;
mod release;
mod restart;
mod scan_servers;
mod scanners;
mod sinks;
mod validate;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use crate::net::Cidr;
pub(crate) use admin::Admin;
pub(crate) use http::{Http2, OriginHttp2, ProxyTls, RefusedMessage, UnknownProtocol, WebSocket};
pub(crate) use http1::{CheckError, Http1, set as set_check};
pub(crate) use icap::{Changed, Icap, IcapMode, Messages};
pub(crate) use identity::{
    Algorithm as JwtAlgorithm, Device, Identity, Jwt, Network, PostureCheck,
};
pub(crate) use limits::{Limits, Timeouts};
pub(crate) use load::{ConfigError, Loaded, load};
pub(crate) use log::{Log, Terminal};
pub(crate) use network::{
    Entrance, HeaderVersion, ProxyProtocol, Quic, Socks, SocksOffer, Transparent, Udp, Way,
};
pub(crate) use operation::{EventForm, Events, Level, Monitor, Otlp, Reload};
pub(crate) use progress::Progress;
pub(crate) use quarantine::Quarantine;
pub(crate) use release::Release;
pub(crate) use restart::needs_restart;
pub(crate) use scan_servers::{
    ClamdServer, IcapServer, ServedFiles, UnknownProfile, check_profiles,
};
pub(crate) use scanners::{
    AvDatabases, Clamd, DlpScan, Endpoint, Hold, MaskName, OnError, Opinion, Transfer,
};

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
    /// How strictly HTTP/1 is read.
    pub(crate) http1: Http1,
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
    /// What leaves before it has been scanned as a whole.
    pub(crate) release: Release,
    /// Pages that stand for downloads while these are fetched and scanned.
    pub(crate) progress: Progress,
    /// Where bodies are kept that rules have kept aside.
    pub(crate) quarantine: Quarantine,
    /// Times.
    pub(crate) timeouts: Timeouts,
    /// Where records go.
    pub(crate) log: Log,
    /// What is asked of signature databases.
    pub(crate) av: AvDatabases,
    /// What is looked for as data loss besides.
    pub(crate) dlp: DlpScan,
    /// A ClamAV daemon.
    pub(crate) clamd: Clamd,
    /// Services of ICAP.
    pub(crate) icap: Vec<Icap>,
    /// A socket that speaks the protocol of `clamd`.
    pub(crate) clamd_server: ClamdServer,
    /// A service of ICAP.
    pub(crate) icap_server: IcapServer,
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
            http1: Http1::default(),
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
            release: Release::default(),
            progress: Progress::default(),
            quarantine: Quarantine::default(),
            timeouts: Timeouts::default(),
            log: Log::default(),
            av: AvDatabases::default(),
            dlp: DlpScan::default(),
            clamd: Clamd::default(),
            icap: Vec::new(),
            clamd_server: ClamdServer::default(),
            icap_server: IcapServer::default(),
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
