//! Who talked to whom, how, how long and how much.

use std::net::SocketAddr;

use crate::Text;

/// The transport of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP that is not QUIC.
    Udp,
    /// QUIC.
    Quic,
}

impl Transport {
    /// The value of the field `TransportProtocol`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Quic => "quic",
        }
    }
}

/// What verifying the origin's certificate gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateValidation {
    /// The chain and the name are good.
    Valid,
    /// It is past its validity.
    Expired,
    /// It has been revoked.
    Revoked,
    /// It names another host.
    HostnameMismatch,
    /// Nothing was verified.
    None,
    /// It failed for another reason.
    Unknown,
}

impl CertificateValidation {
    /// The value of the field `OriginTLSCertificateValidationResult`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::HostnameMismatch => "HOSTNAME_MISMATCH",
            Self::None => "NONE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client closed.
    ClientClosed,
    /// The client was silent too long.
    ClientIdleTimeout,
    /// The TLS handshake with the client failed.
    ClientTlsError,
    /// The client broke its protocol or its connection.
    ClientError,
    /// The origin closed.
    OriginClosed,
    /// The TLS handshake with the origin failed, or its certificate did.
    OriginTlsError,
    /// The origin broke its protocol or its connection.
    OriginError,
    /// The origin did not answer the dial.
    OriginUnreachable,
    /// There is no way to the origin: no address, or only refused ones.
    OriginUnroutable,
    /// The gateway refused the connection.
    ProxyConnRefused,
    /// Client and origin have no address family in common.
    MismatchedIpVersions,
    /// The account has too many sessions open.
    TooManyActiveSessionsForAccount,
    /// The user has too many sessions open.
    TooManyActiveSessionsForUser,
    /// The account opens sessions too fast.
    TooManyNewSessionsForAccount,
    /// The user opens sessions too fast.
    TooManyNewSessionsForUser,
    /// None of the others.
    Unknown,
}

impl CloseReason {
    /// The value of the field `ConnectionCloseReason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientClosed => "CLIENT_CLOSED",
            Self::ClientIdleTimeout => "CLIENT_IDLE_TIMEOUT",
            Self::ClientTlsError => "CLIENT_TLS_ERROR",
            Self::ClientError => "CLIENT_ERROR",
            Self::OriginClosed => "ORIGIN_CLOSED",
            Self::OriginTlsError => "ORIGIN_TLS_ERROR",
            Self::OriginError => "ORIGIN_ERROR",
            Self::OriginUnreachable => "ORIGIN_UNREACHABLE",
            Self::OriginUnroutable => "ORIGIN_UNROUTABLE",
            Self::ProxyConnRefused => "PROXY_CONN_REFUSED",
            Self::MismatchedIpVersions => "MISMATCHED_IP_VERSIONS",
            Self::TooManyActiveSessionsForAccount => "TOO_MANY_ACTIVE_SESSIONS_FOR_ACCOUNT",
            Self::TooManyActiveSessionsForUser => "TOO_MANY_ACTIVE_SESSIONS_FOR_USER",
            Self::TooManyNewSessionsForAccount => "TOO_MANY_NEW_SESSIONS_FOR_ACCOUNT",
            Self::TooManyNewSessionsForUser => "TOO_MANY_NEW_SESSIONS_FOR_USER",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// What a TLS handshake agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFacts {
    /// The protocol version, such as `TLSv1.3`.
    pub version: Text,
    /// The cipher suite by its IANA name.
    pub cipher: Text,
}

impl TlsFacts {
    const UNKNOWN: Self = Self { version: Text::UNKNOWN, cipher: Text::UNKNOWN };
}

/// The side of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientSide {
    /// The client's address and port.
    pub addr: Option<SocketAddr>,
    /// The transport that the client came over.
    pub transport: Option<Transport>,
    /// The application protocol found in the first bytes, such as `tls` or `http1`.
    pub detected_protocol: Text,
    /// The handshake under the minted certificate, if there was one.
    pub tls: TlsFacts,
    /// The server name of the ClientHello.
    pub sni: Text,
    /// The JA4 fingerprint of the ClientHello.
    pub ja4: Text,
    /// Who asks.
    pub user: UserFacts,
    /// What is asked from.
    pub device: DeviceFacts,
}

impl ClientSide {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        addr: None,
        transport: None,
        detected_protocol: Text::UNKNOWN,
        tls: TlsFacts::UNKNOWN,
        sni: Text::UNKNOWN,
        ja4: Text::UNKNOWN,
        user: UserFacts::UNKNOWN,
        device: DeviceFacts::UNKNOWN,
    };
}

/// Who asks, as far as somebody vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserFacts {
    /// What names the user where the user is known.
    pub id: Text,
    /// The e-mail address.
    pub email: Text,
    /// The groups that the user is in.
    pub groups: Vec<Text>,
    /// Who vouches for it: `address`, `certificate`, `password` or `token`.
    pub source: Text,
}

impl UserFacts {
    const UNKNOWN: Self =
        Self { id: Text::UNKNOWN, email: Text::UNKNOWN, groups: Vec::new(), source: Text::UNKNOWN };
}

/// The device of the client, as its certificate names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceFacts {
    /// What names the device.
    pub id: Text,
    /// Its name for people.
    pub name: Text,
    /// The posture checks that it does not pass.
    pub failed_checks: Vec<Text>,
}

impl DeviceFacts {
    const UNKNOWN: Self =
        Self { id: Text::UNKNOWN, name: Text::UNKNOWN, failed_checks: Vec::new() };
}

/// The side of the origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginSide {
    /// The address and port the gateway connected to.
    pub addr: Option<SocketAddr>,
    /// The name that was resolved to that address.
    pub resolved_fqdn: Text,
    /// The gateway's own address and port on that connection.
    pub egress: Option<SocketAddr>,
    /// Whether a pooled connection served.
    pub reused: Option<bool>,
    /// The handshake with the origin.
    pub tls: TlsFacts,
    /// The issuer of the origin's certificate, as a distinguished name.
    pub certificate_issuer: Text,
    /// What verifying the origin's certificate gave.
    pub certificate_validation: Option<CertificateValidation>,
}

/// The request and its response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpFacts {
    /// The method.
    pub method: Text,
    /// The whole URL, query included.
    pub url: Text,
    /// The Host header or `:authority`.
    pub host: Text,
    /// The protocol the client spoke, such as `HTTP/1.1`.
    pub version: Text,
    /// The protocol the origin was asked in, such as `HTTP/2`.
    pub origin_version: Text,
    /// The stream of the client's connection, where that has many.
    pub stream: Option<u64>,
    /// How many requests a connection has brought; in the record of a session.
    pub requests: Option<u64>,
    /// The status that the client saw; `Some(0)` where it saw none.
    pub status: Option<u16>,
    /// The Referer header.
    pub referer: Text,
    /// The User-Agent header.
    pub user_agent: Text,
    /// What the checks of HTTP/1 found. For counting: no field shows it.
    pub checks: Vec<CheckFinding>,
}

/// What a check of HTTP/1 found in a message, and what became of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CheckFinding {
    /// Who sent the message: `client` or `origin`.
    pub side: &'static str,
    /// The name of the check.
    pub check: &'static str,
    /// `reject`, `repair` or `observe`.
    pub outcome: &'static str,
}

/// How long things took. Work is in microseconds, waiting in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// Evaluating rules, in µs.
    pub rule_evaluation_us: Option<u64>,
    /// Unpacking and scanning content, in µs.
    pub scan_us: Option<u64>,
    /// Minting the certificate, in µs; not known on a cache hit.
    pub mint_us: Option<u64>,
    /// The TLS handshake with the client, in ms.
    pub client_tls_ms: Option<u64>,
    /// Connecting to the origin, in ms.
    pub origin_connect_ms: Option<u64>,
    /// The TLS handshake with the origin, in ms.
    pub origin_tls_ms: Option<u64>,
    /// From the end of the request head to the first byte of the response, in ms.
    pub origin_ttfb_ms: Option<u64>,
    /// From start to end of the flow, in ms; in an interim record, so far.
    pub total_ms: Option<u64>,
}

/// How many datagrams went which way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatagramCounts {
    /// Datagrams received from the client.
    pub from_client: Option<u64>,
    /// Datagrams sent to the origin.
    pub to_origin: Option<u64>,
    /// Datagrams sent to the client.
    pub to_client: Option<u64>,
    /// Datagrams of either side that were not relayed.
    pub dropped: Option<u64>,
}

impl DatagramCounts {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self =
        Self { from_client: None, to_origin: None, to_client: None, dropped: None };
}

/// How many bytes went which way, as the application's bytes inside TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ByteCounts {
    /// Bytes received from the client.
    pub from_client: Option<u64>,
    /// Bytes sent to the client.
    pub to_client: Option<u64>,
    /// Bytes received from the origin.
    pub from_origin: Option<u64>,
    /// Bytes sent to the origin.
    pub to_origin: Option<u64>,
    /// Body bytes that had passed before a block cut the flow.
    pub released_before_block: Option<u64>,
}
