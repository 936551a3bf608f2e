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
    /// All of either slice, used bytes included: what is put back is mostly there still.
    back_whole: Bytes,
    fresh_whole: Bytes,
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
        self.fresh_whole = piece.clone();
        self.fresh = piece;
    }

    /// Keeps none of what is used, so that whoever wrote it can write there again.
    pub(crate) fn release(&mut self) {
        self.fresh_whole = self.fresh.clone();
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
        let taken = from.split_to(n);
        if self.back.is_empty() {
            self.back_whole = Bytes::new();
        }
        taken
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
        self.put_in_front(back.freeze());
    }

    /// Puts back bytes that were used last.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.at = self.at.saturating_sub(bytes.len() as u64);
        let (front, whole) = if self.back.is_empty() {
            (&mut self.fresh, &self.fresh_whole)
        } else {
            (&mut self.back, &self.back_whole)
        };
        let from = whole.len().checked_sub(front.len() + bytes.len());
        if let Some(from) = from
            && whole.get(from..).is_some_and(|used| used.starts_with(bytes))
        {
            *front = whole.slice(from..);
            return;
        }
        let mut back = BytesMut::with_capacity(bytes.len() + self.back.len());
        back.extend_from_slice(bytes);
        back.extend_from_slice(self.back.chunk());
        self.put_in_front(back.freeze());
    }

    fn put_in_front(&mut self, back: Bytes) {
        self.back_whole = back.clone();
        self.back = back;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces are put in as they are used up, and some of what was used is put back, from the piece that came last
    /// or from those before it: the stream stays the same.
    #[test]
    fn what_is_put_back_comes_again() {
        let stream: Vec<u8> = (0..=255).cycle().take(3_000).collect();
        for (piece, step, back) in [(1, 1, 0), (7, 5, 3), (64, 10, 9), (64, 64, 63), (100, 30, 20)]
        {
            let (mut inbox, mut put, mut seen) = (Inbox::default(), 0, Vec::new());
            while seen.len() < stream.len() {
                if inbox.is_empty() {
                    let end = stream.len().min(put + piece);
                    inbox.put(Bytes::copy_from_slice(&stream[put..end]));
                    put = end;
                }
                if put % 3 == 0 {
                    inbox.release();
                }
                if put % 2 == 0 {
                    inbox.join(11);
                }
                assert_eq!(inbox.at(), seen.len() as u64);
                seen.extend_from_slice(&inbox.take(step));
                if seen.len() % 2 == 0 && seen.len() < inbox.reached() as usize + 1 {
                    let kept = seen.len().saturating_sub(back);
                    inbox.unread(&seen.split_off(kept));
                    seen.extend_from_slice(&inbox.take(back));
                }
            }
            assert_eq!(seen, stream, "pieces of {piece}, {step} used and {back} put back");
        }
    }
}
