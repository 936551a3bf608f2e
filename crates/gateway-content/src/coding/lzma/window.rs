//! The window of LZMA: the bytes that came out last, to which matches refer.

use bytes::BytesMut;

/// Bytes that are put in before they are shown, at most, but for one match.
pub(super) const PIECE: usize = 16 << 10;
/// Bytes of the longest match.
const MATCH_MAX: usize = 273;
/// Bytes that are copied at once. Behind the end of a match as many less one are overwritten.
const BLOCK: usize = 16;
/// Bytes that it has room for at first.
const ROOM_MIN: usize = 4 << 10;

/// A ring that grows with what is put in.
pub(in crate::coding) struct Window {
    bytes: Vec<u8>,
    /// Where the next byte goes.
    at: usize,
    /// The distance up to which matches may refer.
    pub(super) max: usize,
    /// Bytes that were put in since the dictionary was reset.
    pub(super) total: u64,
}

impl Window {
    pub(super) const fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), at: 0, max, total: 0 }
    }

    pub(in crate::coding) const fn clear(&mut self) {
        (self.at, self.total) = (0, 0);
    }

    /// Makes room for the next byte: there is more, or it goes over the oldest one. What no match may refer to any
    /// more and what was shown has room beside what is in use.
    #[cold]
    fn turn(&mut self) {
        let full = self.max + PIECE + MATCH_MAX + BLOCK;
        if self.bytes.len() < full {
            let room = (4 * self.bytes.len()).clamp(ROOM_MIN, full);
            self.bytes.reserve_exact(room - self.bytes.len());
            self.bytes.resize(room, 0);
        } else {
            self.at = 0;
        }
    }

    /// Where the byte stands that is `distance` bytes before the last, which it holds.
    fn place(&self, distance: usize) -> usize {
        let before = if distance < self.at { self.at } else { self.at + self.bytes.len() };
        before.wrapping_sub(1 + distance)
    }

    /// The byte there.
    pub(super) fn byte_at(&self, distance: usize) -> u8 {
        self.bytes.get(self.place(distance)).copied().unwrap_or(0)
    }

    pub(super) fn put(&mut self, byte: u8) {
        if self.at == self.bytes.len() {
            self.turn();
        }
        if let Some(slot) = self.bytes.get_mut(self.at) {
            *slot = byte;
        }
        self.at += 1;
        self.total += 1;
    }

    /// Bytes that stand in an uncompressed chunk. They are shown.
    pub(in crate::coding) fn put_all(&mut self, bytes: &[u8], out: &mut BytesMut) {
        out.extend_from_slice(bytes);
        self.total += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.at == self.bytes.len() {
                self.turn();
            }
            let slots = self.bytes.get_mut(self.at..).unwrap_or_default();
            let n = rest.len().min(slots.len());
            let (piece, behind) = rest.split_at(n);
            if let Some(slots) = slots.get_mut(..n) {
                slots.copy_from_slice(piece);
            }
            self.at += n;
            rest = behind;
        }
    }

    /// Puts in `len` bytes, at most as many as the longest match has, that stand `distance` bytes before the last,
    /// which it holds.
    pub(super) fn repeat(&mut self, distance: usize, len: usize) {
        let mut left = len;
        while left > 0 {
            if self.at == self.bytes.len() {
                self.turn();
            }
            let from = self.place(distance);
            let room = self.bytes.len() - self.at.max(from);
            let n = left.min(room);
            self.copy(from, n);
            self.at += n;
            // There is room for one byte at least.
            left -= n.clamp(1, left);
        }
        self.total += len as u64;
    }

    /// Copies `len` bytes from the index `from` on to where the next byte goes; the first of those may be among
    /// them.
    fn copy(&mut self, from: usize, len: usize) {
        let (mut from, mut at, end) = (from, self.at, self.at + len);
        let has_room = end.max(from + len) + BLOCK <= self.bytes.len();
        if has_room && (from > at || from + BLOCK <= at) {
            while at < end {
                let block = self.bytes.get(from..).and_then(<[u8]>::first_chunk::<BLOCK>);
                let block = block.copied().unwrap_or_default();
                if let Some(slots) = self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                    *slots = block;
                }
                (from, at) = (from + BLOCK, at + BLOCK);
            }
        } else if from < at {
            // What was repeated once is repeated as a whole.
            while at < end {
                let n = (end - at).min(at - from);
                self.bytes.copy_within(from..from + n, at);
                at += n;
            }
        } else {
            self.bytes.copy_within(from..from + len, at);
        }
    }

    /// Shows the last `count` bytes, of which it holds all.
    pub(super) fn show(&self, count: usize, out: &mut BytesMut) {
        let before = self.bytes.len() - count.saturating_sub(self.at);
        let newest = self.at.saturating_sub(count)..self.at;
        out.extend_from_slice(self.bytes.get(before..).unwrap_or_default());
        out.extend_from_slice(self.bytes.get(newest).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Change {
        Put(u8),
        PutAll(Vec<u8>),
        /// The distance is drawn of those that there are.
        Repeat(u16, usize),
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            any::<u8>().prop_map(Change::Put),
            prop::collection::vec(any::<u8>(), 0..3_000).prop_map(Change::PutAll),
            (0..40_u16, 1..=MATCH_MAX).prop_map(|(near, len)| Change::Repeat(near, len)),
            (any::<u16>(), 1..=MATCH_MAX).prop_map(|(far, len)| Change::Repeat(far, len)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_the_last_bytes_of_all(
            max in prop_oneof![1_usize..50, 3_000_usize..9_000],
            changes in prop::collection::vec(change(), 1..200),
            rounds in 1_usize..4,
        ) {
            let (mut window, mut all) = (Window::new(max), Vec::new());
            let (mut shown, mut kept) = (BytesMut::new(), 0);
            for change in std::iter::repeat_n(&changes, rounds).flatten() {
                match change {
                    Change::Put(byte) => {
                        window.put(*byte);
                        all.push(*byte);
                    }
                    Change::PutAll(bytes) => {
                        window.show(all.len() - kept, &mut shown);
                        window.put_all(bytes, &mut shown);
                        all.extend_from_slice(bytes);
                        kept = all.len();
                    }
                    Change::Repeat(_, _) if all.is_empty() => {}
                    Change::Repeat(drawn, len) => {
                        let distance = usize::from(*drawn) % max.min(all.len());
                        prop_assert_eq!(window.byte_at(distance), all[all.len() - 1 - distance]);
                        window.repeat(distance, *len);
                        (0..*len).for_each(|_| all.push(all[all.len() - 1 - distance]));
                    }
                }
                if all.len() - kept >= PIECE {
                    window.show(all.len() - kept, &mut shown);
                    kept = all.len();
                }
            }
            window.show(all.len() - kept, &mut shown);
            prop_assert!(shown == all);
            prop_assert_eq!(window.total, all.len() as u64);
        }
    }
}
