//! The record of a session or transaction: what is known, what it is called, how it is written.
//!
//! A gateway tells what it decided, why, and what that cost. This crate holds the [`Record`] that
//! carries those facts, the [`catalog`] of its fields, the encoders that turn it into one line
//! ([`JsonLines`] for machines, [`HumanLine`] for a terminal) and the [`Batcher`] that bounds what
//! waits for a sink. Field names follow Cloudflare's Logpush data sets `gateway_http`,
//! `gateway_network` and `zero_trust_network_sessions`, so that consumers of those work.
//!
//! It opens no file and no socket, and reads no clock: times are arguments. Values that came over
//! the wire cannot break out of their line: see [`JsonLines`].
//!
//! ```
//! use gateway_log::{Action, HumanLine, JsonLines, Limits, Record, RecordKind};
//!
//! let mut record = Record::new(RecordKind::Http);
//! record.started_ns = 1_750_000_000_000_000_000;
//! record.decision.action = Some(Action::Block);
//! record.decision.policy_name = "No card numbers".into();
//! record.http.method = "POST".into();
//! record.http.url = "https://example.com/\n{\"Action\":\"allow\"}".into();
//! record.http.status = Some(403);
//!
//! let mut line = Vec::new();
//! JsonLines::new(Limits::default()).encode(&record, &mut line);
//! assert!(line.ends_with(b"}\n"));
//! assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
//!
//! let mut shown = Vec::new();
//! HumanLine::new(Limits::default()).encode(&record, &mut shown);
//! assert!(shown.starts_with(b"15:06:40.000 403 block POST https://example.com/\\n"));
//! ```

mod batch;
mod datetime;
mod encode;
mod fields;
mod limits;
mod record;
#[cfg(test)]
mod sample;
mod text;

pub use batch::{Batch, BatchLimits, Batcher, Pushed};
pub use datetime::rfc3339;
pub use encode::{HumanLine, JsonLines};
pub use fields::{DataSet, FieldType, Spec, Unit, catalog};
pub use limits::Limits;
pub use record::{
    Action, Adaptation, AdaptationOutcome, BlockedFile, ByteCounts, CertificateValidation,
    CheckFinding, ClientSide, CloseReason, Common, DatagramCounts, Decision, Direction, DlpMatch,
    DlpMatches, DlpProfileMatch, ExternalScan, FileSeen, Group, HttpFacts, Inspection,
    Interception, Loss, OriginSide, QuarantineFacts, QuarantineOutcome, Rare, Record, RecordKind,
    ReleaseFacts, RuleMode, ScanVerdict, SignatureMatch, SpliceReason, Timings, TlsFacts,
    TrailStep, Transport, UnscannablePart, UntrustedCertificateAction, WebSocketFacts,
    WorkerBypass, WorkerFacts, WorkerNext, WorkerOutcome,
};
pub use text::Text;
