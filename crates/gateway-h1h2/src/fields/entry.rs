//! Where a field stands: its name and value as ranges over the received head, or over what was appended.

use super::Key;

/// One field.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: Span,
    pub(super) value: Span,
    pub(super) store: Store,
    pub(super) key: Key,
}

/// What holds its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    /// A line of the received head that is written as it stands there: `name: value`, CR LF.
    Line,
    /// The received head.
    Received,
    Appended,
}

/// A range over that.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) bytes: u32,
}

impl Store {
    pub(super) fn of<'a>(self, received: &'a [u8], appended: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Line | Self::Received => received,
            Self::Appended => appended,
        }
    }
}

impl Span {
    pub(super) const fn end(self) -> u32 {
        self.start.wrapping_add(self.bytes)
    }

    pub(super) fn of(self, store: &[u8]) -> &[u8] {
        let start = self.start as usize;
        store.get(start..start.saturating_add(self.bytes as usize)).unwrap_or_default()
    }
}

/// Offsets fit: heads are capped far below 4 GiB, and `store` refuses to grow beyond.
pub(super) fn span(start: usize, bytes: usize) -> Span {
    Span { start: start as u32, bytes: bytes as u32 }
}
