//! The contract itself: who opens an inspector, what it is shown and what it answers.

use crate::{Findings, Offset, Part, Unscannable, Wanted, Window};

/// Opens an inspector for one part, if any wanted entry applies to it.
///
/// An examiner is immutable and shared by all streams; what changes from byte to byte lives in
/// the inspectors that it opens.
pub trait Examiner: Send + Sync {
    /// An inspector for `part`, or `None` when nothing that is wanted can be found in it.
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>>;
}

/// Looks at one part once, from its first byte to its last, and reports what it finds.
///
/// An inspector finds; it decides nothing and releases nothing. It cannot fail: content that it
/// cannot make out is an [`Outcome::Unscannable`]. It has no clock and no randomness: the same
/// bytes give the same findings, in any chunks, run after run.
///
/// # Laws
/// The module `conformance` (behind the feature of that name) runs them on any examiner:
/// 1. Any chunking gives the same findings, byte by byte included, and matches that end with the
///    stream included.
/// 2. Clearance never decreases and never passes the bytes seen.
/// 3. No content finding starts before an earlier clearance.
/// 4. After [`Progress::Done`] nothing changes.
/// 5. `finish` after any prefix never panics.
/// 6. It holds at most [`memory_max`](Inspector::memory_max) bytes.
/// 7. Two runs are equal.
/// 8. With no live candidate, clearance equals what was seen.
pub trait Inspector: Send {
    /// How far back it looks, and whether it can clear anything before the end.
    fn reach(&self) -> Reach;

    /// The most bytes it may hold on the heap, itself and findings not yet reported included.
    fn memory_max(&self) -> usize;

    /// Looks at the fresh bytes of `window`, which follow without a gap on those of the call
    /// before. Must not be called after [`Progress::Done`] or after `finish`.
    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress;

    /// The stream has ended; settles what was open. `tail` holds the last `lookback` bytes and
    /// nothing fresh. Not called after [`Progress::Done`].
    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome;
}

/// What an inspector needs to have seen before it can clear a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A match concerns a stretch of bytes: it clears as it goes, and wants to be shown again up
    /// to `lookback` bytes that it has already seen.
    Span {
        /// Bytes before the fresh ones that its windows must hold.
        lookback: usize,
    },
    /// A match concerns the part as a whole (a digest, an index at the end): it clears nothing
    /// before `finish`, and looks at no byte twice.
    Part,
}

/// What an inspector answers to a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It wants more bytes.
    More {
        /// No finding *still to be reported* starts before this position: the start of the
        /// earliest live candidate, or the end of what was seen when none is live. It never
        /// decreases. Ignored for [`Reach::Part`].
        clear_to: Offset,
    },
    /// It wants no more: nothing that follows can change its outcome.
    Done(Outcome),
}

/// How the look at a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was looked at, and nothing was found.
    Clean,
    /// Something was found and reported.
    Found,
    /// Not all could be looked at. Never the same as clean: policy says what follows.
    Unscannable(Unscannable),
}
