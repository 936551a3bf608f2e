//! How much of a file that was gathered may be read more than once: any number of members may refer to the same
//! bytes, or begin within another that has no end. What a stream unpacks to the first time does not count: the ratio
//! bounds it.

use std::cell::Cell;

/// Bytes that may be read for each byte of the file, and in any file.
const PER_BYTE: usize = 4;
const FLOOR: usize = 4 << 20;

/// What is left of that.
#[derive(Debug)]
pub(crate) struct Allowance {
    left: Cell<usize>,
}

impl Allowance {
    /// That of a file of so many bytes.
    pub(crate) const fn new(len: usize) -> Self {
        Self { left: Cell::new(len.saturating_mul(PER_BYTE).saturating_add(FLOOR)) }
    }

    /// So many bytes were read, or something was done that takes as long.
    pub(crate) fn spend(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }

    /// The same, if there is as much left: whether there was.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        self.spend(bytes);
        !self.is_spent()
    }

    /// Whether nothing is left.
    pub(crate) const fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}
