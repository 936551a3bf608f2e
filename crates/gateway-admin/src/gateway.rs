//! What the API needs of the gateway, as traits and plain values. All methods may wait for the disk:
//! they are called where that harms nobody.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_rules::RuleSet;
use serde::Serialize;

use crate::Feed;

/// Everything that the API stands on.
#[derive(Clone)]
pub struct Parts {
    /// The policy.
    pub policy: Arc<dyn PolicyStore>,
    /// The records that are kept.
    pub records: Arc<dyn RecordStore>,
    /// How the gateway is doing.
    pub health: Arc<dyn Health>,
    /// Records as they come.
    pub feed: Feed,
    /// The folder in which versions of the policy are kept; it is made when needed.
    pub versions: PathBuf,
    /// Versions that are kept; the oldest go.
    pub versions_max: usize,
}

/// The policy in force, and the way to put another in its place.
pub trait PolicyStore: Send + Sync + 'static {
    /// The folder of the policy in force.
    fn folder(&self) -> PathBuf;

    /// The rules in force.
    fn rules(&self) -> Arc<RuleSet>;

    /// What is wrong, or perhaps not meant, with the text files in the folder `candidate`, together
    /// with the databases of [`folder`](Self::folder), which it lacks.
    fn check(&self, candidate: &Path) -> Vec<Diagnostic>;

    /// Lets the folders `candidate` and [`folder`](Self::folder) change places, and puts what came
    /// into force.
    ///
    /// # Errors
    ///
    /// What is wrong; then nothing has changed.
    fn install(&self, candidate: &Path) -> Result<Installed, Vec<Diagnostic>>;
}

/// A policy that came into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its generation.
    pub generation: u64,
    /// What is not wrong, but perhaps not meant.
    pub warnings: Vec<String>,
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The policy cannot come into force.
    Error,
    /// It can.
    Warning,
}

/// One thing that is wrong, or perhaps not meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// The file that it is about, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The character within the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong, for people; several lines where that helps.
    pub message: String,
}

/// The records that are kept.
pub trait RecordStore: Send + Sync + 'static {
    /// The last `records_max` records that fit `question`, the last one first.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    fn last(&self, question: &Question, records_max: usize) -> Result<Vec<Found>, RecordError>;

    /// The records of a request or session, the last one first.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    fn by_id(&self, id: &str) -> Result<Vec<Found>, RecordError>;

    /// The sums of each minute of `span`; minutes without records are left out.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    fn series(&self, by: Dimension, span: &Span) -> Result<Vec<Point>, RecordError>;

    /// The `values_max` values with the most records in `span`, the greatest first.
    ///
    /// # Errors
    ///
    /// [`RecordError`].
    fn top(&self, by: Dimension, span: &Span, values_max: usize)
    -> Result<Vec<Point>, RecordError>;
}

/// Why there are no records to show.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// No store keeps records.
    #[error("no records are kept that could be asked for: name a folder in [log.sqlite]")]
    NotKept,
    /// The answer would take too long.
    #[error("the answer takes too long; ask for a shorter time")]
    TooLong,
    /// The store does not answer.
    #[error("the store of records does not answer: {source}")]
    Failed {
        /// What it says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Which records are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Written at or after this time, in Unix nanoseconds.
    pub from_ns: Option<u64>,
    /// Written before this time, in Unix nanoseconds.
    pub until_ns: Option<u64>,
    /// `http` or `session`.
    pub kind: Option<gateway_log::RecordKind>,
    /// With this `Action`.
    pub action: Option<String>,
    /// With this `PolicyID`.
    pub policy_id: Option<String>,
    /// Of this host.
    pub host: Option<String>,
    /// Of this client address.
    pub source_ip: Option<String>,
    /// Of this protocol.
    pub protocol: Option<String>,
    /// Of this `SessionID`.
    pub session_id: Option<String>,
    /// With this `HTTPStatusCode`.
    pub status: Option<u16>,
    /// With this text anywhere.
    pub text: Option<String>,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// When it was written, in Unix nanoseconds.
    pub time_ns: u64,
    /// The whole record as one JSON object.
    pub json: String,
}

/// What sums are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// `Action`.
    Action,
    /// The host.
    Host,
    /// `PolicyID`.
    Policy,
    /// The protocol.
    Protocol,
}

/// A time in whole minutes since the Unix epoch, of records of one kind or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The minutes, the end excluded.
    pub minutes: Range<u64>,
    /// The kind; both where none is named.
    pub kind: Option<gateway_log::RecordKind>,
}

/// Sums over records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Records.
    pub records: u64,
    /// Those of them that were blocked.
    pub blocked: u64,
    /// Bytes that came from clients.
    pub bytes_up: u64,
    /// Bytes that went to clients.
    pub bytes_down: u64,
    /// Milliseconds that the flows took, added up.
    pub total_ms: u64,
}

/// A sum with what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The minute, counted from the Unix epoch.
    pub minute: u64,
    /// The value of the dimension.
    pub value: String,
    /// The sum.
    #[serde(flatten)]
    pub sum: Sum,
}

/// How the gateway is doing.
pub trait Health: Send + Sync + 'static {
    /// What is in force, and how the parts are doing.
    fn status(&self) -> Status;

    /// How often each rule matched since the start, by id.
    fn hits(&self) -> BTreeMap<String, Hits>;
}

/// How often a rule matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// Matches that were carried out.
    pub enforced: u64,
    /// Matches that were only counted.
    pub logged: u64,
}

/// What is in force, and how the parts are doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// The version of the program.
    pub version: &'static str,
    /// Seconds since the start of the process.
    pub uptime_s: u64,
    /// The generation of settings and policy in force.
    pub generation: u64,
    /// Since when, in seconds since the Unix epoch.
    pub since_unix_s: u64,
    /// Generations before that still have connections.
    pub superseded: usize,
    /// Settings that wait for a restart.
    pub needs_restart: Vec<&'static str>,
    /// What is not wrong with the policy, but perhaps not meant.
    pub warnings: Vec<String>,
    /// Reloads that succeeded, and those that failed, since the start.
    pub reloads: Reloads,
    /// Addresses on which clients are served.
    pub listeners: Vec<SocketAddr>,
    /// The sinks of records.
    pub sinks: Vec<SinkStatus>,
}

/// How loading anew went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reloads {
    /// How often it succeeded.
    pub succeeded: u64,
    /// How often it failed.
    pub failed: u64,
    /// The last time.
    pub last: Option<Attempt>,
}

/// One time that everything was loaded anew.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempt {
    /// What caused it.
    pub cause: String,
    /// When, in seconds since the Unix epoch.
    pub at_unix_s: u64,
    /// What was wrong; nothing where it succeeded.
    pub faults: Vec<Diagnostic>,
}

/// How one sink is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SinkStatus {
    /// Its name.
    pub sink: String,
    /// Records that wait in memory.
    pub queued: u64,
    /// Records that wait on disk.
    pub spooled: u64,
    /// Records that it took.
    pub written: u64,
    /// Records that were lost.
    pub dropped: u64,
    /// Attempts made again.
    pub retries: u64,
    /// What goes wrong at the moment, if anything does.
    pub error: Option<String>,
}
