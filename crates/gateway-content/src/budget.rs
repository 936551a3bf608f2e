//! How much work one call may do, and what is left to do after it.

/// Bounds on the work of one [`step`](crate::Unpacker::step).
///
/// Both are looked at between pieces of content of at most 64 KiB, so a step may pass
/// `decoded_bytes` by one piece. A budget of 0 does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes that may be unpacked and shown to inspectors, those of all parts together. What is
    /// decompressed counts once for that and once for being shown, and each compressed block
    /// counts for 1 KiB more: a flood of empty ones costs time without yielding a byte.
    pub decoded_bytes: u64,
    /// Turns of the machine: pieces decoded, headers read, parts opened and closed.
    pub steps: u32,
}

impl Default for Budget {
    /// 256 KiB and 1,024 turns: about a millisecond of unpacking.
    fn default() -> Self {
        Self { decoded_bytes: 256 << 10, steps: 1_024 }
    }
}

impl Budget {
    /// No bound, for callers that have nothing else to do.
    pub const UNLIMITED: Self = Self { decoded_bytes: u64::MAX, steps: u32::MAX };
}

/// Why [`step`](crate::Unpacker::step) came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Step {
    /// The budget is used up and there is more to do with what is queued: drain, let others run,
    /// and call again.
    Again,
    /// [`Limits::waiting_max`](crate::Limits::waiting_max) reports or part events wait: drain
    /// both, then call again. Nothing is done before.
    Full,
    /// All that was queued is looked at; waits for [`push`](crate::Unpacker::push) or
    /// [`end`](crate::Unpacker::end).
    NeedInput,
    /// The last part has ended, or nothing is wanted any more: no report will follow, whatever is
    /// pushed.
    Done,
}
