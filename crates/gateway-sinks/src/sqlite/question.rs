//! What can be asked of the archive, and the form of its answers. Plain values.

use std::ops::Range;

use gateway_log::RecordKind;

/// Which records are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Written at or after this time, in Unix nanoseconds.
    pub from_ns: Option<u64>,
    /// Written before this time, in Unix nanoseconds.
    pub until_ns: Option<u64>,
    /// Of this kind.
    pub kind: Option<RecordKind>,
    /// With this `Action`.
    pub action: Option<String>,
    /// With this `PolicyID`.
    pub policy_id: Option<String>,
    /// Of this host, in lower case and without a port.
    pub host: Option<String>,
    /// Of this client, as its address is written in the record.
    pub source_ip: Option<String>,
    /// Of this protocol, as in [`Dimension::Protocol`].
    pub protocol: Option<String>,
    /// Of this `SessionID`.
    pub session_id: Option<String>,
    /// With this `HTTPStatusCode`.
    pub status: Option<u16>,
    /// With this text anywhere in the record, whatever the case of its ASCII letters.
    pub text: Option<String>,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// When it was written, in Unix nanoseconds.
    pub time_ns: u64,
    /// The whole record as one JSON object.
    pub json: String,
}

/// What the sums of a minute are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dimension {
    /// `Action`.
    Action,
    /// The host: of the request, or the server name of the session. In a minute with very many
    /// hosts, the rest of them stands under the empty name.
    Host,
    /// `PolicyID`; the empty name where no rule decided.
    Policy,
    /// `HTTPVersion` of a request, `DetectedProtocol` or else `TransportProtocol` of a session.
    Protocol,
}

impl Dimension {
    /// Its number in the files.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Action => 0,
            Self::Host => 1,
            Self::Policy => 2,
            Self::Protocol => 3,
        }
    }
}

/// A span of time in whole minutes since the Unix epoch, its end excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes(pub Range<u64>);

impl Minutes {
    /// The minutes that two times in Unix nanoseconds lie in, and those between them.
    #[must_use]
    pub const fn of(from_ns: u64, until_ns: u64) -> Self {
        Self(from_ns / MINUTE_NS..until_ns / MINUTE_NS + 1)
    }
}

/// Nanoseconds of a minute.
pub(super) const MINUTE_NS: u64 = 60_000_000_000;

/// Sums over records that were written in one minute. Interim records do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sum {
    /// Records.
    pub records: u64,
    /// Those of them that were blocked.
    pub blocked: u64,
    /// Bytes that came from clients.
    pub bytes_up: u64,
    /// Bytes that went to clients.
    pub bytes_down: u64,
    /// Milliseconds from start to end of the flows, added up.
    pub total_ms: u64,
}

/// A sum with the value and the time that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Point {
    /// The minute, counted from the Unix epoch; the first one of the span where that is summed up.
    pub minute: u64,
    /// The value of the dimension.
    pub value: String,
    /// The sum.
    pub sum: Sum,
}
