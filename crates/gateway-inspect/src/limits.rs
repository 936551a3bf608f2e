//! Every bound of the inspection pipeline, by name.

/// Bounds on what inspection may hold, count and wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Findings of one entry that one inspector may report of one part. Default 1,000, and four
    /// times as many of all entries together; the rest is counted by its entry. Where that is not
    /// enough, for a profile whose entries must be near each other, or for more than 256 entries,
    /// the part is [`TooMany`](crate::Unscannable::TooMany).
    pub findings_max: usize,
    /// Bytes that one window may show, look-back included, in bytes. Default 64 KiB: larger
    /// chunks are shown in pieces, so that a window never grows with the sender's chunks.
    pub window_bytes_max: usize,
    /// Wire bytes that may be held back for one body. Default 16 MiB.
    pub held_bytes_max: u64,
    /// Milliseconds that bytes may be held before the decision must fall. Default 30,000.
    pub hold_ms_max: u64,
    /// Milliseconds without a new byte after which bytes held by a live candidate alone are
    /// released, so that an interactive stream does not stall on the beginning of a match: who
    /// pauses within one gets that much of it through. Default 0, which never releases. What left
    /// this way stands in the record.
    pub idle_release_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            findings_max: 1_000,
            window_bytes_max: 64 << 10,
            held_bytes_max: 16 << 20,
            hold_ms_max: 30_000,
            idle_release_ms: 0,
        }
    }
}
