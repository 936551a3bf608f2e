//! What became of a body that a rule has had kept aside: where it is, or why it is nowhere.

use crate::Text;

/// Whether a body that was to be kept aside is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuarantineOutcome {
    /// It is not; it was refused all the same.
    Failed,
    /// It is in the store.
    Stored,
}

impl QuarantineOutcome {
    /// The value of the field `Quarantine`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Stored => "stored",
        }
    }
}

/// What became of a body that a rule has had kept aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuarantineFacts {
    /// Whether it is kept.
    pub outcome: Option<QuarantineOutcome>,
    /// Why it is not, such as `too_large`.
    pub detail: Text,
    /// Names it in the store.
    pub id: Text,
    /// How many bytes of it are there.
    pub bytes: Option<u64>,
    /// The SHA-256 of these, in hexadecimal.
    pub sha256: Text,
    /// Whether these are not all of the body.
    pub partial: Option<bool>,
}

impl QuarantineFacts {
    /// Nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        outcome: None,
        detail: Text::UNKNOWN,
        id: Text::UNKNOWN,
        bytes: None,
        sha256: Text::UNKNOWN,
        partial: None,
    };
}
