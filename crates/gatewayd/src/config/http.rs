//! What is spoken with clients and origins: unknown protocols, WebSocket, `[http2]`, `[proxy_tls]`.

use std::net::SocketAddr;

use serde::Deserialize;

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
    /// With origins over TLS. Default always.
    pub(crate) origin: OriginHttp2,
    /// Streams that a client may have open at a time on one connection. Default 128.
    pub(crate) streams_max: u32,
}

impl Default for Http2 {
    fn default() -> Self {
        Self { client: true, origin: OriginHttp2::Always, streams_max: 128 }
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
