//! The bytes of one stream that have come and were not yet used.

use bytes::{Buf, Bytes, BytesMut};

/// A queue of at most two slices: bytes that were put back, and the piece that came last.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// Position in the stream of the next byte.
    at: u64,
    /// The furthest that it was.
    reached: u64,
    back: Bytes,
    fresh: Bytes,
    /// Where the bytes stop that may be used for now.
    limit: Option<u64>,
}

impl Inbox {
    /// Position in the stream of the next byte.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// The furthest position up to which bytes were used, those since put back included.
    pub(crate) const fn reached(&self) -> u64 {
        self.reached
    }

    /// Whether all that has come is used.
    pub(crate) fn is_empty(&self) -> bool {
        self.back.is_empty() && self.fresh.is_empty()
    }

    /// Puts in the next piece of the stream. All before it must have been used.
    pub(crate) fn put(&mut self, piece: Bytes) {
        debug_assert!(self.is_empty(), "a piece before the last one was used");
        self.fresh = piece;
    }

    /// The next bytes; empty only if there are none before the limit.
    pub(crate) fn front(&self) -> &[u8] {
        let front = if self.back.is_empty() { &self.fresh } else { &self.back };
        let left = self.limit.map(|limit| limit.saturating_sub(self.at));
        let left = left.and_then(|left| usize::try_from(left).ok());
        left.and_then(|left| front.get(..left)).unwrap_or(front)
    }

    /// From now on shows no bytes behind a position, or all.
    pub(crate) fn set_limit(&mut self, limit: Option<u64>) {
        self.limit = limit;
    }

    /// Where the bytes stop that are shown for now.
    pub(crate) const fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Uses `n` bytes of [`front`](Self::front).
    pub(crate) fn advance(&mut self, n: usize) {
        let _ = self.take(n);
    }

    /// Takes `n` bytes of [`front`](Self::front), uncopied.
    pub(crate) fn take(&mut self, n: usize) -> Bytes {
        let from = if self.back.is_empty() { &mut self.fresh } else { &mut self.back };
        let n = n.min(from.len());
        self.at += n as u64;
        self.reached = self.reached.max(self.at);
        from.split_to(n)
    }

    /// Shows up to `n` more bytes at once with those that were put back.
    pub(crate) fn join(&mut self, n: usize) {
        if self.back.is_empty() || self.fresh.is_empty() {
            return;
        }
        let more = self.fresh.split_to(n.min(self.fresh.len()));
        let mut back = BytesMut::with_capacity(self.back.len() + more.len());
        back.extend_from_slice(&self.back);
        back.extend_from_slice(&more);
        self.back = back.freeze();
    }

    /// Puts back bytes that were used last.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.at = self.at.saturating_sub(bytes.len() as u64);
        let mut back = BytesMut::with_capacity(bytes.len() + self.back.len());
        back.extend_from_slice(bytes);
        back.extend_from_slice(self.back.chunk());
        self.back = back.freeze();
    }
}
