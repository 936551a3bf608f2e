//! Positions in a stream: absolute, 64-bit, never relative to a chunk.

use std::fmt;
use std::ops::{Add, AddAssign};

/// A byte position counted from the start of a stream, whatever chunks it came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(u64);

impl Offset {
    /// The start of the stream.
    pub const ZERO: Self = Self(0);
    /// Past the end of any stream.
    pub const MAX: Self = Self(u64::MAX);

    /// The position `bytes` from the start.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Bytes from the start of the stream.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// Bytes from `earlier` up to here; 0 when `earlier` lies behind.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The position `bytes` before this one, the start of the stream at the least.
    #[must_use]
    pub const fn back(self, bytes: u64) -> Self {
        Self(self.0.saturating_sub(bytes))
    }
}

impl Add<usize> for Offset {
    type Output = Self;

    fn add(self, bytes: usize) -> Self {
        Self(self.0.saturating_add(bytes as u64))
    }
}

impl AddAssign<usize> for Offset {
    fn add_assign(&mut self, bytes: usize) {
        *self = *self + bytes;
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The bytes from `start` up to, not including, `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Position of the first byte.
    pub start: Offset,
    /// Position after the last byte.
    pub end: Offset,
}

impl Span {
    /// The bytes from `start` up to `end`.
    #[must_use]
    pub const fn new(start: Offset, end: Offset) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> u64 {
        self.end.since(self.start)
    }

    /// Whether it holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Offset::MAX + 1, Offset::MAX);
        assert_eq!(Offset::new(3).back(5), Offset::ZERO);
        assert_eq!(Offset::new(3).since(Offset::new(5)), 0);
        assert_eq!(Span::new(Offset::new(3), Offset::new(8)).len(), 5);
        assert!(Span::new(Offset::new(8), Offset::new(3)).is_empty());
    }
}
