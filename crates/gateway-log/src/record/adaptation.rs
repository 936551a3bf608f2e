//! What a service that may change messages made of one.

use super::Direction;
use crate::Text;

/// How the turn of a service ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdaptationOutcome {
    /// The transaction ended before the service did.
    #[default]
    Abandoned,
    /// It answered a request itself, in the origin's place.
    Answered,
    /// It failed, and the message went on without it.
    Bypassed,
    /// What it made of the message went on.
    Changed,
    /// It did not want to see such a message.
    Declined,
    /// It failed, and the message was stopped.
    Failed,
    /// The message went on as it was.
    Unchanged,
}

impl AdaptationOutcome {
    /// All of them, in alphabetical order.
    pub const ALL: [Self; 7] = [
        Self::Abandoned,
        Self::Answered,
        Self::Bypassed,
        Self::Changed,
        Self::Declined,
        Self::Failed,
        Self::Unchanged,
    ];

    /// The value of the member `Outcome`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::Answered => "answered",
            Self::Bypassed => "bypassed",
            Self::Changed => "changed",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One message on its way through a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adaptation {
    /// Which way the message went.
    pub direction: Direction,
    /// The service's name.
    pub service: Text,
    /// How its turn ended.
    pub outcome: AdaptationOutcome,
    /// Why it failed.
    pub detail: Text,
    /// The state in which it answered, as it names it.
    pub istag: Text,
    /// What it found, by its own name.
    pub finding: Text,
    /// Bytes of the body that it was given.
    pub bytes: u64,
    /// From the offer to its last word.
    pub duration_us: u64,
}
