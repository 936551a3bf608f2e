//! What the decoder of a member leaves to the member that goes on from it, in archives that are solid.

use super::rar3::Rar3;
use super::rar5::Rar5;
use super::stepped::Kept;

/// The window, and all else that lasts.
pub(crate) enum Remains {
    /// Of RAR 2.0 and 2.9.
    Rar3(Box<Kept<Rar3>>),
    /// Of RAR 5.0.
    Rar5(Box<Kept<Rar5>>),
}

impl Remains {
    /// Bytes that they may hold at the most.
    pub(crate) fn memory_max(&self) -> usize {
        match self {
            Self::Rar3(kept) => kept.memory_max(),
            Self::Rar5(kept) => kept.memory_max(),
        }
    }
}
