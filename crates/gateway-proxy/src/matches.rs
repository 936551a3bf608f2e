//! What a record shows of what data loss prevention found: matches that are masked, and matches with
//! what stands around them that only the holder of a key can read. Which bodies are looked at for what
//! is the rules' matter; how something is sealed is the caller's.

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{Confidence, Mask, QuoteLimits};
use gateway_log::Direction;

/// What of matches gets into records. By default nothing.
#[derive(Clone, Debug, Default)]
pub struct MatchLog {
    /// Matches in each direction that a record shows, masked; at most as many as are quoted. Default 0.
    pub shown_max: usize,
    /// How much of them it shows, where a profile does not say otherwise. Default
    /// [`Mask::Full`].
    pub mask: Mask,
    /// Who seals what rules ask for. Default nobody: they ask in vain.
    pub sealer: Option<Arc<dyn Sealer>>,
    /// How much of what was found is left in what is sealed, where a profile does not say otherwise.
    /// Default [`Mask::Full`].
    pub payload_mask: Mask,
    /// Bounds on what is quoted of a body.
    pub limits: QuoteLimits,
}

/// Makes matches into something that only the holder of a key can read.
pub trait Sealer: fmt::Debug + Send + Sync {
    /// The matches in the body of `direction` of the request `request_id`, sealed, as text.
    ///
    /// # Errors
    /// [`SealError`]; nothing of them is recorded then.
    fn seal(
        &self,
        request_id: &str,
        direction: Direction,
        matches: &[PayloadMatch],
    ) -> Result<String, SealError>;
}

/// Matches cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("matches cannot be sealed")]
pub struct SealError;

/// One match as it is sealed. Shows no content when it is debugged.
#[derive(Clone)]
#[non_exhaustive]
pub struct PayloadMatch {
    /// The entry that was found.
    pub entry: Arc<str>,
    /// The profiles that count it.
    pub profiles: Vec<Arc<str>>,
    /// How sure the scanner is.
    pub confidence: Confidence,
    /// The path of the part that holds it; comes from the sender.
    pub part: String,
    /// Where it begins and ends in that part, in bytes.
    pub start: u64,
    /// See `start`.
    pub end: u64,
    /// What stands before it.
    pub before: String,
    /// What was found, masked.
    pub matched: String,
    /// What stands behind it.
    pub after: String,
}

impl fmt::Debug for PayloadMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayloadMatch")
            .field("entry", &self.entry)
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
