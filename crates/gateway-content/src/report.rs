//! What an unpacker tells: findings with their place on the wire, and the life of the parts.

use gateway_inspect::{ChainOutcome, Finding, Offset, Part, PartId, PartKind, Span};

/// One finding, and where it begins on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was found, in which part.
    pub finding: Finding,
    /// The first byte of the body as it came over the wire that must not leave before the finding
    /// is decided: rounded down to where a decoder was drained, so it depends on the chunks; never
    /// before a span clearance that was given earlier. `None` for a finding about a part as a
    /// whole.
    pub wire_start: Option<Offset>,
    /// The bytes of the body as it came that make it up, in order: those that are to be overwritten
    /// so that nothing of it is left, and the body is of the same form. `None` where that cannot be,
    /// in what was packed or encoded, and unless [asked for](crate::Unpacker::tell_spans).
    pub spans: Option<Vec<Span>>,
}

/// One event in the life of a part. Parts open in the order of their ids; a part ends after all
/// of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartEvent {
    /// The first bytes of a part have shown its kind, before any of them was inspected.
    Opened(Part),
    /// Later bytes have shown a more exact kind: a tar archive tells itself only at byte 257.
    Retyped {
        /// The part.
        part: PartId,
        /// Its kind from now on.
        kind: PartKind,
    },
    /// A part is over.
    Ended(PartEnd),
}

/// How a part ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartEnd {
    /// The part, with its final kind.
    pub part: Part,
    /// Bytes of it that were unpacked and shown.
    pub bytes: u64,
    /// What its inspectors said, folded with why it could not be unpacked in full, if so.
    pub outcome: ChainOutcome,
}
