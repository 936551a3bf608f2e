//! What a Worker in the path of a request did.

use crate::Text;

/// How the turn of a Worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerOutcome {
    /// It answered, by itself or with what the origin said.
    Ok,
    /// The transaction ended before its answer was complete: the client left, or a rule refused.
    Canceled,
    /// Its code failed.
    Exception,
    /// It gave no answer in time, or stopped sending in the middle of one.
    Deadline,
    /// Its connection broke.
    Broken,
    /// As many requests as allowed were with it already.
    Busy,
    /// It failed several times in a row and is being spared.
    Open,
    /// Its process does not run.
    Unavailable,
}

impl WorkerOutcome {
    /// The value of the field `WorkerOutcome`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Canceled => "canceled",
            Self::Exception => "exception",
            Self::Deadline => "deadline",
            Self::Broken => "broken",
            Self::Busy => "busy",
            Self::Open => "open",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Whether a Worker that failed was passed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkerBypass {
    /// It was not.
    #[default]
    No,
    /// The request went on to the origin without it.
    Yes,
}

/// Whether a Worker passed the request on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkerNext {
    /// It did not: the answer, if any, is its own.
    #[default]
    NotCalled,
    /// It did.
    Called,
}

/// What the record tells about the Worker that a request was handed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerFacts {
    /// The name of the Worker.
    pub name: Text,
    /// Which version of its code ran; empty where none did.
    pub version: Text,
    /// The rule that handed the request over.
    pub policy_id: Text,
    /// How its turn ended.
    pub outcome: Option<WorkerOutcome>,
    /// Whether it passed the request on.
    pub next: WorkerNext,
    /// Whether it was passed by after it failed.
    pub bypass: WorkerBypass,
    /// From the hand-over to the head of its answer, or to its failure.
    pub head_ms: Option<u64>,
    /// Of these, spent at the origin behind it.
    pub origin_ms: Option<u64>,
}
