//! Ways in besides HTTP, and datagrams: `[proxy_protocol]`, `[socks]`, `[transparent]`, `[udp]`.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use super::Config;
use crate::net::Cidr;

/// How connections or datagrams come to a socket that listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The client knows the gateway.
    Proxy,
    /// The same, in TLS with the gateway itself.
    ProxyTls,
    /// The firewall changed the destination and remembers it (REDIRECT, DNAT).
    Redirect,
    /// The firewall left the destination as it was (TPROXY).
    Tproxy,
    /// The same, for datagrams.
    TproxyUdp,
}

/// One address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entrance {
    pub(crate) way: Way,
    /// With port 0 for any.
    pub(crate) address: SocketAddr,
}

impl Config {
    /// Every address to listen on.
    pub(crate) fn entrances(&self) -> Vec<Entrance> {
        let Transparent { redirect, tproxy, tproxy_udp } = &self.transparent;
        [
            (Way::Proxy, &self.listen),
            (Way::ProxyTls, &self.proxy_tls.listen),
            (Way::Redirect, redirect),
            (Way::Tproxy, tproxy),
            (Way::TproxyUdp, tproxy_udp),
        ]
        .into_iter()
        .flat_map(|(way, addresses)| {
            addresses.iter().map(move |&address| Entrance { way, address })
        })
        .collect()
    }
}

/// The PROXY protocol: how load balancers say whose connection they pass on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProxyProtocol {
    /// Networks of balancers: connections from there to the proxy ports begin with a header, of
    /// either version. Default none.
    pub(crate) from: Vec<Cidr>,
    /// Networks of origins: connections to there begin with a header. Default none.
    pub(crate) to: Vec<Cidr>,
    /// The version of the headers that are sent. Default 2.
    pub(crate) version: HeaderVersion,
}

/// The version of the headers that are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub(crate) enum HeaderVersion {
    One,
    #[default]
    Two,
}

impl TryFrom<u8> for HeaderVersion {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err("expected 1 or 2"),
        }
    }
}

impl ProxyProtocol {
    /// Whether a connection from `peer` begins with a header.
    pub(crate) fn is_from(&self, peer: IpAddr) -> bool {
        is_in(&self.from, peer)
    }

    /// Whether a connection to `peer` begins with a header.
    pub(crate) fn is_to(&self, peer: IpAddr) -> bool {
        is_in(&self.to, peer)
    }
}

fn is_in(networks: &[Cidr], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(address))
}

/// SOCKS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Socks {
    /// What clients of `listen` that begin with SOCKS are offered. Default nothing.
    pub(crate) offer: SocksOffer,
}

/// What clients that begin with SOCKS are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum SocksOffer {
    /// Nothing.
    #[default]
    #[serde(rename = "off")]
    Nothing,
    /// Connections.
    #[serde(rename = "tcp")]
    Tcp,
    /// Connections, and relays for datagrams.
    #[serde(rename = "tcp+udp")]
    TcpAndUdp,
}

/// Connections and datagrams that the network leads here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Transparent {
    /// Addresses that take connections whose destination the firewall has changed. Default none.
    pub(crate) redirect: Vec<SocketAddr>,
    /// Addresses that take connections by TPROXY. Default none.
    pub(crate) tproxy: Vec<SocketAddr>,
    /// Addresses that take datagrams by TPROXY. Default none.
    pub(crate) tproxy_udp: Vec<SocketAddr>,
}

/// Datagrams.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Udp {
    /// What happens to QUIC that no rule of the action `off` lets pass. Default refuse.
    pub(crate) quic: Quic,
    /// Whether datagrams are relayed over HTTP (CONNECT-UDP). Default false.
    pub(crate) connect_udp: bool,
    /// Peers at a time of one client. Default 256.
    pub(crate) peers_max: usize,
    /// Bytes of datagrams of one client that may wait for a decision. Default 64 KiB.
    pub(crate) held_bytes_max: usize,
    /// Bytes of one datagram. Default 65,507.
    pub(crate) datagram_bytes_max: usize,
    /// Peers that a client may reach through one TURN relay. Default 64.
    pub(crate) relayed_peers_max: usize,
    /// From the first datagram of a flow to the last one that tells what it is. Default 2 s.
    pub(crate) first_datagrams_ms: u64,
    /// Without a datagram in a flow. Default 2 min.
    pub(crate) flow_idle_ms: u64,
    /// The same once the gateway is about to stop. Default 2 s.
    pub(crate) drain_idle_ms: u64,
}

impl Default for Udp {
    fn default() -> Self {
        Self {
            quic: Quic::default(),
            connect_udp: false,
            peers_max: 256,
            held_bytes_max: 64 << 10,
            datagram_bytes_max: 65_507,
            relayed_peers_max: 64,
            first_datagrams_ms: 2_000,
            flow_idle_ms: 120_000,
            drain_idle_ms: 2_000,
        }
    }
}

/// What happens to QUIC, which cannot be looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Quic {
    /// Its datagrams are dropped; clients turn to TLS over TCP.
    #[default]
    Refuse,
    /// It is relayed if the network rules let it.
    Relay,
}
