//! Tells what a part is by its first bytes.

use gateway_inspect::PartKind;

/// Whether the bytes at hand are all that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// More may follow.
    No,
    /// The part ends here.
    Yes,
}

/// What the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// They are the beginning of more than one kind: show more.
    Need,
    /// The kind; more bytes do not change it.
    Kind(PartKind),
}

/// The most bytes that [`sniff`] asks for.
pub const SNIFF_BYTES_MAX: usize = 64;

/// Tells the kind of a part by its first bytes.
#[must_use]
pub fn sniff(first: &[u8], ended: Ended) -> Sniff {
    let _ = (first, ended);
    todo!()
}
