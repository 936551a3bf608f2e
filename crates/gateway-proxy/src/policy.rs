//! The policy snapshot that a session is run under: immutable, shared, swapped as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use gateway_inspect::{Examiner, HoldPolicy};
use gateway_rules::RuleSet;

use crate::catalogs::Catalogs;
use crate::cuts::Cuts;
use crate::head_scan::HeadScan;
use crate::matches::MatchLog;
use crate::quota::Quotas;
use crate::release::Release;
use crate::scan_group::ScanGroup;
use crate::strictness::Strictness;
use crate::worker::WorkerPolicy;
use crate::{Adapter, Alpn, AuthScheme, External, Limits, Timeouts};

/// Everything that decides what happens to a connection. A session takes one when it is accepted
/// and keeps it to its end.
#[derive(Clone)]
pub struct Policy {
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// Who looks at bodies.
    pub scanners: Vec<Scanner>,
    /// What the rules do not say.
    pub settings: Settings,
    /// Counts the snapshots, so that a record tells which one decided.
    pub generation: u64,
}

/// An examiner under the name by which findings and rules know it.
#[derive(Clone)]
pub struct Scanner {
    /// Its name, such as `dlp` or `av`.
    pub name: &'static str,
    /// The examiner.
    pub examiner: Arc<dyn Examiner>,
    /// What a body must wait for when it looks at parts as a whole.
    pub hold: HoldPolicy,
}

/// What the rules do not say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The name of this gateway in `Via`; a request that carries it already runs in a loop.
    pub pseudonym: String,
    /// Who runs the gateway, as the pages say it.
    pub organisation: String,
    /// Where somebody who is refused can turn, as the pages say it; may be empty.
    pub contact: String,
    /// Ports that CONNECT may name. Default 443 alone.
    pub connect_ports: Vec<u16>,
    /// What becomes of a protocol inside CONNECT that is neither TLS nor HTTP, or of silence.
    pub unknown_protocol: UnknownProtocol,
    /// What becomes of QUIC, which cannot be looked into.
    pub quic: QuicPolicy,
    /// What clients that begin with SOCKS are offered.
    pub socks: SocksOffer,
    /// What becomes of requests to relay datagrams.
    pub connect_udp: ConnectUdpPolicy,
    /// What becomes of an offer to change to WebSocket.
    pub websocket: WebSocketPolicy,
    /// Where HTTP/2 is spoken.
    pub http2: Http2Policy,
    /// How strictly HTTP/1 is read.
    pub strictness: Strictness,
    /// How clients are asked who they are.
    pub identification: Identification,
    /// What becomes of a request whose authority differs from that of the tunnel it came in.
    pub authority_mismatch: AuthorityMismatch,
    /// Scanners outside the process that bodies are copied to. Default none.
    pub external: Vec<External>,
    /// The groups of scanners that rules may name. Default none: all look.
    pub scan_groups: BTreeMap<Arc<str>, Arc<ScanGroup>>,
    /// Services that messages go through; the first that takes one gets it. Default none. The
    /// fields that their conditions read must be [known to the rules](RuleSet::read_also).
    pub adapters: Vec<Arc<Adapter>>,
    /// The Workers that rules may forward to, by name.
    pub workers: BTreeMap<String, WorkerPolicy>,
    /// What is told of addresses and hosts. Default nothing.
    pub catalogs: Arc<Catalogs>,
    /// What is counted over time. Default nothing.
    pub quotas: Arc<Quotas>,
    /// How bodies are released by their type. Default as scanners say.
    pub release: Arc<Release>,
    /// What was cut, so that clients do not get the rest of it.
    pub cuts: Arc<Cuts>,
    /// Of so many requests whose bodies no rule wants looked at for data loss, one has them looked at
    /// for the record alone, without holding a byte; 0 for none, the default.
    pub dlp_sample_one_in: u32,
    /// What is looked at of heads, beside bodies, for data loss. Default nothing.
    pub head_scan: HeadScan,
    /// What of matches gets into records. Default nothing.
    pub matches: MatchLog,
    /// Bytes of a body that can be kept aside, for rules that have it so; default 0, where nobody keeps any.
    pub quarantine_bytes_max: u64,
    /// Bounds.
    pub limits: Limits,
    /// Time-outs.
    pub timeouts: Timeouts,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pseudonym: "gateway".into(),
            organisation: String::new(),
            contact: String::new(),
            connect_ports: vec![443],
            unknown_protocol: UnknownProtocol::Refuse,
            quic: QuicPolicy::Refuse,
            socks: SocksOffer::Nothing,
            connect_udp: ConnectUdpPolicy::Refuse,
            websocket: WebSocketPolicy::Inspect,
            http2: Http2Policy::default(),
            strictness: Strictness::default(),
            identification: Identification::default(),
            authority_mismatch: AuthorityMismatch::Refuse,
            external: Vec::new(),
            scan_groups: BTreeMap::new(),
            adapters: Vec::new(),
            workers: BTreeMap::new(),
            catalogs: Arc::default(),
            quotas: Arc::default(),
            release: Arc::default(),
            cuts: Arc::default(),
            dlp_sample_one_in: 0,
            head_scan: HeadScan::default(),
            matches: MatchLog::default(),
            quarantine_bytes_max: 0,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}

impl Policy {
    /// Whether matches of data loss prevention are quoted for the record.
    pub(crate) fn quotes(&self) -> bool {
        let matches = &self.settings.matches;
        matches.shown_max > 0 || (matches.sealer.is_some() && self.rules.may_log_payload())
    }
}

/// How clients are asked who they are. By default nobody is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identification {
    /// The credentials that the driver can check, in the order in which they are asked for.
    /// `Proxy-Authorization` is not even read where there are none.
    pub schemes: Vec<AuthScheme>,
    /// What becomes of those who do not say who they are.
    pub anonymous: Anonymous,
    /// What a client shows to people whom it asks for their password.
    pub realm: String,
}

/// What becomes of clients for whom nobody vouches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anonymous {
    /// Rules see them without an identity.
    #[default]
    Admit,
    /// They are asked who they are, and get nothing else.
    Challenge,
}

/// What becomes of a protocol inside CONNECT that the gateway cannot look into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownProtocol {
    /// The connection is closed.
    #[default]
    Refuse,
    /// It is relayed as it is, and recorded as such.
    Relay,
}

/// Where HTTP/2 is spoken. The two sides are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http2Policy {
    /// With clients: those of the proxy port and those whose TLS is taken. Default true.
    pub client: bool,
    /// With origins, over TLS. Default [`OriginHttp2::Always`].
    pub origin: OriginHttp2,
}

impl Default for Http2Policy {
    fn default() -> Self {
        Self { client: true, origin: OriginHttp2::default() }
    }
}

impl Http2Policy {
    /// What a client is offered.
    pub(crate) const fn for_client(self) -> Alpn {
        if self.client { Alpn::Http2 } else { Alpn::Http11 }
    }

    /// Whether a client that has offered `protocols` by ALPN will speak HTTP/2.
    pub(crate) fn is_agreed_with(self, protocols: &[Bytes]) -> bool {
        self.client && protocols.iter().any(|id| &**id == b"h2")
    }

    /// What an origin is offered on behalf of a client that has offered `protocols` by ALPN.
    pub(crate) fn for_origin_of(self, protocols: &[Bytes]) -> Alpn {
        match self.origin {
            OriginHttp2::Match if self.is_agreed_with(protocols) => Alpn::Http2,
            OriginHttp2::Always => Alpn::Http2,
            OriginHttp2::Match | OriginHttp2::Never => Alpn::Http11,
        }
    }

    /// What an origin is offered on behalf of a Worker.
    pub(crate) const fn for_origin_of_worker(self) -> Alpn {
        match self.origin {
            OriginHttp2::Match | OriginHttp2::Always => Alpn::Http2,
            OriginHttp2::Never => Alpn::Http11,
        }
    }
}

/// Whether origins are offered HTTP/2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OriginHttp2 {
    /// Where the client offers it.
    Match,
    /// Whatever the client speaks: those that ask one thing at a time
    /// [share](crate::Sharing) connections.
    #[default]
    Always,
    /// Nowhere.
    Never,
}

/// What becomes of QUIC that no Do Not Inspect rule lets pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuicPolicy {
    /// Its datagrams are dropped, so that clients turn to TLS over TCP, which can be looked into.
    #[default]
    Refuse,
    /// It is relayed as it is, if the network rules let it.
    Relay,
}

/// What clients that begin with SOCKS are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SocksOffer {
    /// Nothing: it is not spoken.
    #[default]
    Nothing,
    /// Connections.
    Tcp,
    /// Connections, and relays for datagrams.
    TcpAndUdp,
}

/// What becomes of an offer to change to WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebSocketPolicy {
    /// It is passed on, extensions taken out that cannot be looked into; once the origin has
    /// agreed, each message is a part that scanners look at, and frames pass as they are.
    #[default]
    Inspect,
    /// The same, but each message that is looked at is decoded and written anew, so that one that
    /// a rule refuses can be taken out.
    Rewrite(RefusedMessage),
    /// It is passed on; once the origin has agreed, bytes are relayed as they are, unseen.
    Relay,
    /// The offer is taken out of the request.
    Strip,
}

/// What becomes of requests to relay datagrams over HTTP (CONNECT-UDP, RFC 9298).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectUdpPolicy {
    /// They are requests like any other, which ask a proxy for nothing.
    #[default]
    Refuse,
    /// They are served, if the network rules let them.
    Relay,
}

impl WebSocketPolicy {
    /// Whether messages are looked into.
    #[must_use]
    pub const fn looks_into_messages(self) -> bool {
        match self {
            Self::Inspect | Self::Rewrite(_) => true,
            Self::Relay | Self::Strip => false,
        }
    }
}

/// What becomes of a WebSocket message that a rule refuses, where messages are written anew. One of
/// which a part has left closes the connection in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusedMessage {
    /// The connection is closed with code 1008.
    #[default]
    Close,
    /// It is left out, and the connection goes on.
    Drop,
    /// A message of the same type that says so goes in its place, and the connection goes on.
    Replace,
}

/// What becomes of a request whose authority differs from that of the tunnel it came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthorityMismatch {
    /// 421 (RFC 9110 §15.5.20).
    #[default]
    Refuse,
    /// It is passed on to the origin of the tunnel; rules see the mismatch.
    Allow,
}
