//! How much of a file may be read, every time counted: any number of objects may refer to the same one, or begin
//! within another that has no end.

use std::cell::Cell;

/// Bytes that may be read for each byte of the file, and in any file.
const PER_BYTE: usize = 8;
const FLOOR: usize = 4 << 20;

/// What is left of that.
#[derive(Debug)]
pub(super) struct Allowance {
    left: Cell<usize>,
}

impl Allowance {
    /// That of a file of so many bytes.
    pub(super) const fn new(len: usize) -> Self {
        Self { left: Cell::new(len.saturating_mul(PER_BYTE).saturating_add(FLOOR)) }
    }

    /// So many bytes were read, or something was done that takes as long.
    pub(super) fn spend(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
    }

    /// Whether nothing is left.
    pub(super) const fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}
