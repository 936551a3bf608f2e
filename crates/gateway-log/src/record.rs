//! The record: plain data that the proxy fills while a session or transaction runs.
//! It knows neither how it is written (`encode`) nor what its columns are called (`fields`).

mod adaptation;
mod decision;
mod inspection;
mod quarantine;
mod release;
mod sparse;
mod traffic;
mod websocket;
mod worker;

use std::net::IpAddr;

pub use adaptation::{Adaptation, AdaptationOutcome};
pub use decision::{Action, Decision, RuleMode, TrailStep, UntrustedCertificateAction};
pub use inspection::{
    BlockedFile, Direction, DlpMatch, DlpMatches, DlpProfileMatch, ExternalScan, FileSeen,
    Inspection, Interception, ScanVerdict, SignatureMatch, SpliceReason, UnscannablePart,
};
pub use quarantine::{QuarantineFacts, QuarantineOutcome};
pub use release::ReleaseFacts;
pub use sparse::{Common, Group, Rare};
pub use traffic::{
    ByteCounts, CertificateValidation, CheckFinding, ClientSide, CloseReason, DatagramCounts,
    HttpFacts, OriginSide, Timings, TlsFacts, Transport,
};
pub use websocket::WebSocketFacts;
pub use worker::{WorkerBypass, WorkerFacts, WorkerNext, WorkerOutcome};

use crate::Text;

/// What a record tells about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordKind {
    /// One HTTP request and its response: the data set `gateway_http`.
    #[default]
    Http,
    /// One accepted connection or association: the data sets `gateway_network` and
    /// `zero_trust_network_sessions`.
    Session,
    /// Records that did not get to a sink: what a sink tells of itself, so that a gap shows.
    Loss,
}

impl RecordKind {
    /// The value of the field `RecordType`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Session => "session",
            Self::Loss => "loss",
        }
    }
}

/// Everything the gateway tells about one transaction or session.
///
/// A fact that is not known stays at its default and is left out of the encodings: an empty
/// [`Text`] or list, or `None`. A zero that was measured is `Some(0)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What this record tells about.
    pub kind: RecordKind,
    /// Whether the flow goes on: interim records of long flows repeat the running totals.
    pub interim: bool,
    /// When the request head or the connection came, in nanoseconds since the Unix epoch.
    pub started_ns: u64,
    /// When the record was written, in nanoseconds since the Unix epoch; 0 where not known.
    pub ended_ns: u64,
    /// The transaction, unique in the fleet; the key that makes delivery idempotent.
    pub request_id: Text,
    /// The session that the transaction ran in, or the session itself.
    pub session_id: Text,
    /// The tenant whose policy applied.
    pub tenant_id: Text,
    /// The generation of the policy snapshot that decided.
    pub config_generation: u64,
    /// The name of the listener that accepted the client.
    pub proxy_endpoint: Text,
    /// Things that deserve a look but decided nothing.
    pub warnings: Vec<Text>,
    /// The side of the client.
    pub client: Common<ClientSide>,
    /// The side of the origin.
    pub origin: OriginSide,
    /// The request and response; empty in a session record.
    pub http: HttpFacts,
    /// What was decided, and why.
    pub decision: Decision,
    /// Whether and how content was looked at, and what was found.
    pub inspection: Inspection,
    /// What the Worker did that the request was handed to; `None` where it was handed to none.
    pub worker: Option<Box<WorkerFacts>>,
    /// How long things took.
    pub timings: Timings,
    /// How many bytes went which way.
    pub bytes: ByteCounts,
    /// What a WebSocket carried.
    pub websocket: Rare<WebSocketFacts>,
    /// How many datagrams went which way; of UDP alone.
    pub datagrams: Rare<DatagramCounts>,
    /// Why the connection ended.
    pub close_reason: Option<CloseReason>,
    /// What was lost; in a loss record only.
    pub loss: Rare<Loss>,
}

/// Records that did not get to a sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The sink's name, such as `kafka`.
    pub sink: Text,
    /// How many records it lost since its loss record before.
    pub records: Option<u64>,
}

impl Loss {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self { sink: Text::UNKNOWN, records: None };
}

impl Record {
    /// An empty record of a kind.
    #[must_use]
    pub fn new(kind: RecordKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The same in its box: a record is large, and made there it need not be moved.
    #[must_use]
    pub fn boxed(kind: RecordKind) -> Box<Self> {
        let mut record = Box::<Self>::default();
        record.kind = kind;
        record
    }

    /// The client's address, where known.
    #[must_use]
    pub fn source_ip(&self) -> Option<IpAddr> {
        self.client.addr.map(|addr| addr.ip())
    }

    /// The address the gateway connected to, where it did.
    #[must_use]
    pub fn destination_ip(&self) -> Option<IpAddr> {
        self.origin.addr.map(|addr| addr.ip())
    }
}
