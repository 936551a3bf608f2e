//! A body that a rule has kept aside, on its way to whoever keeps it, and the record that tells of it. Where
//! it is kept, in what form and for how long is the driver's matter.

use std::fmt;

use bytes::Bytes;
use gateway_log::{Direction, QuarantineOutcome, Record};

/// A refused body that is to be kept aside. Its record is not written before that was tried: end it with
/// [`stored`](Self::stored) or [`failed`](Self::failed). Shows no content when it is debugged.
#[derive(Clone)]
#[non_exhaustive]
pub struct Quarantined {
    /// The record, without a word yet of what becomes of the body.
    pub record: Box<Record>,
    /// Which way the body went.
    pub direction: Direction,
    /// The bytes that were held when it was refused, as they came, their transfer framing taken off.
    pub pieces: Vec<Bytes>,
    /// Where in the body they begin: what stands before had left already.
    pub from: u64,
    /// Whether these are all of the body.
    pub extent: Extent,
    /// The field `Content-Type`, as the sender wrote it; empty for none.
    pub content_type: Bytes,
    /// The field `Content-Encoding`, as the sender wrote it; empty for none.
    pub content_encoding: Bytes,
    /// The type that its first bytes show, such as `zip`.
    pub kind: &'static str,
}

/// How much of a body is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Some of it: a part had left, or it had not come to its end.
    Part,
}

impl Quarantined {
    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }

    /// It is kept under the name `id`; gives the record to be written. `sha256`, in hexadecimal, is that
    /// of its bytes.
    #[must_use]
    pub fn stored(mut self, id: &str, sha256: &str) -> Box<Record> {
        let bytes = self.bytes();
        let quarantine = &mut self.record.inspection.quarantine;
        quarantine.outcome = Some(QuarantineOutcome::Stored);
        quarantine.id = id.into();
        quarantine.bytes = Some(bytes);
        quarantine.sha256 = sha256.into();
        quarantine.partial = Some(self.extent == Extent::Part);
        self.record
    }

    /// It is not kept, for this reason; gives the record to be written.
    #[must_use]
    pub fn failed(mut self, detail: &str) -> Box<Record> {
        note_failure(&mut self.record, detail);
        self.record
    }
}

impl fmt::Debug for Quarantined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quarantined")
            .field("direction", &self.direction)
            .field("bytes", &self.bytes())
            .field("from", &self.from)
            .field("extent", &self.extent)
            .finish_non_exhaustive()
    }
}

/// Says in `record` that a body that was to be kept aside is not.
pub(crate) fn note_failure(record: &mut Record, detail: &str) {
    let quarantine = &mut record.inspection.quarantine;
    quarantine.outcome = Some(QuarantineOutcome::Failed);
    quarantine.detail = detail.into();
}
