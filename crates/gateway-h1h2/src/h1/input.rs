//! Bytes received and not yet looked at, in the pieces in which they came: nothing is copied.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

#[derive(Debug, Default)]
pub(super) struct Input {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    taken: u64,
}

impl Input {
    pub(super) fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.bytes += piece.len();
            self.pieces.push_back(piece);
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
        self.pieces.front().map_or(&[], |piece| piece)
    }

    /// The first contiguous piece, if there is one.
    pub(super) fn front_piece(&self) -> Option<&Bytes> {
        self.pieces.front()
    }

    /// Takes up to `bytes` from the first piece.
    pub(super) fn take(&mut self, bytes: usize) -> Bytes {
        let Some(piece) = self.pieces.front_mut() else {
            return Bytes::new();
        };
        let taken = if bytes < piece.len() {
            piece.split_to(bytes)
        } else {
            self.pieces.pop_front().unwrap_or_default()
        };
        self.bytes -= taken.len();
        self.taken += taken.len() as u64;
        taken
    }

    /// Drops up to `bytes` from the first piece.
    pub(super) fn skip(&mut self, bytes: usize) {
        let Some(piece) = self.pieces.front_mut() else {
            return;
        };
        let skipped = bytes.min(piece.len());
        piece.advance(skipped);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        self.bytes -= skipped;
        self.taken += skipped as u64;
    }

    /// Everything held, in one piece.
    pub(super) fn into_bytes(mut self) -> Bytes {
        if self.pieces.len() <= 1 {
            return self.pieces.pop_front().unwrap_or_default();
        }
        let mut whole = BytesMut::with_capacity(self.bytes);
        for piece in self.pieces {
            whole.extend_from_slice(&piece);
        }
        whole.freeze()
    }
}
