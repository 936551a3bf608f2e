//! Bytes received and not yet looked at, in the pieces in which they came: nothing is copied.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

#[derive(Debug, Default)]
pub(super) struct Input {
    /// The first piece, which is as a rule the only one. Empty only if nothing is held.
    front: Bytes,
    more: VecDeque<Bytes>,
    bytes: usize,
    taken: u64,
}

impl Input {
    pub(super) fn push(&mut self, piece: Bytes) {
        self.bytes += piece.len();
        if self.front.is_empty() {
            self.front = piece;
        } else if !piece.is_empty() {
            self.more.push_back(piece);
        }
    }

    /// Bytes held.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Bytes taken since the connection began: the stream offset of `front`.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The first contiguous piece; empty only if there is nothing.
    pub(super) fn front(&self) -> &[u8] {
        &self.front
    }

    /// Takes up to `bytes` from the first piece.
    pub(super) fn take(&mut self, bytes: usize) -> Bytes {
        let taken =
            if bytes < self.front.len() { self.front.split_to(bytes) } else { self.next_piece() };
        self.bytes -= taken.len();
        self.taken += taken.len() as u64;
        taken
    }

    /// Drops up to `bytes` from the first piece.
    pub(super) fn skip(&mut self, bytes: usize) {
        let skipped = bytes.min(self.front.len());
        self.front.advance(skipped);
        if self.front.is_empty() {
            self.next_piece();
        }
        self.bytes -= skipped;
        self.taken += skipped as u64;
    }

    /// The first piece, in whose place the one behind it comes.
    fn next_piece(&mut self) -> Bytes {
        std::mem::replace(&mut self.front, self.more.pop_front().unwrap_or_default())
    }

    /// Everything held, in one piece.
    pub(super) fn into_bytes(self) -> Bytes {
        if self.more.is_empty() {
            return self.front;
        }
        let mut whole = BytesMut::with_capacity(self.bytes);
        for piece in std::iter::once(self.front).chain(self.more) {
            whole.extend_from_slice(&piece);
        }
        whole.freeze()
    }
}
