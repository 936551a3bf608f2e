//! The bytes that came out last, to which what follows refers. No more is held than what came out asks for.

use super::super::bits::{Fault, MALFORMED};
use super::code::Format;

/// Bytes that are copied at once: so many may be written behind the last one.
const AT_ONCE: usize = 16;
/// Bytes that may be written at first: a stream of few bytes holds no more.
const FIRST: usize = 1 << 10;

/// The window, and how much may be written to it for now.
pub(crate) struct Window {
    bytes: Vec<u8>,
    /// How far back can be referred to.
    reach: usize,
    /// Where the next byte goes, and where the last one that may be written for now ends.
    at: usize,
    end: usize,
    /// Where those begin that were written for now.
    begin: usize,
}

impl Window {
    /// One to which nothing was written.
    pub(crate) const fn new(format: Format) -> Self {
        Self { bytes: Vec::new(), reach: format.reach(), at: 0, end: 0, begin: 0 }
    }

    /// Bytes that it holds at the most.
    pub(crate) const fn memory_max(format: Format) -> usize {
        3 * format.reach() + AT_ONCE
    }

    /// From now on nothing can be referred to.
    pub(crate) const fn clear(&mut self) {
        (self.at, self.end, self.begin) = (0, 0, 0);
    }

    /// From now on up to `len` bytes may be written, twice the reach at the most: fewer as long as there are
    /// few.
    pub(crate) fn begin(&mut self, len: usize) {
        if self.at + len > 3 * self.reach {
            self.bytes.copy_within(self.at - self.reach..self.at, 0);
            self.at = self.reach;
        }
        let len = len.min(self.at.max(FIRST));
        (self.begin, self.end) = (self.at, self.at + len);
        if self.bytes.len() < self.end + AT_ONCE {
            self.bytes.resize(self.end + AT_ONCE, 0);
        }
    }

    /// Bytes that were written since then.
    pub(crate) fn written(&self) -> &[u8] {
        self.bytes.get(self.begin..self.at).unwrap_or_default()
    }

    /// Bytes that may still be written.
    #[inline]
    pub(super) const fn room(&self) -> usize {
        self.end - self.at
    }

    /// Writes a byte, for which there is room.
    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.at) {
            *slot = byte;
            self.at += 1;
        }
    }

    /// Writes bytes, for which there is room.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if let Some(slots) = self.bytes.get_mut(self.at..self.at + bytes.len()) {
            slots.copy_from_slice(bytes);
            self.at += bytes.len();
        }
    }

    /// Writes as many of `len` bytes as there is room for, as they stand `distance` before: how many.
    #[inline]
    pub(super) fn copy(&mut self, distance: usize, len: usize) -> Result<usize, Fault> {
        if distance == 0 || distance > self.at.min(self.reach) {
            return Err(MALFORMED);
        }
        let len = len.min(self.room());
        let from = self.at - distance;
        if distance >= AT_ONCE {
            for done in (0..len).step_by(AT_ONCE) {
                let piece = self.bytes.get(from + done..).and_then(<[u8]>::first_chunk::<AT_ONCE>);
                let Some(piece) = piece.copied() else { break };
                let to = self.bytes.get_mut(self.at + done..).and_then(<[u8]>::first_chunk_mut);
                let Some(to) = to else { break };
                *to = piece;
            }
        } else {
            self.repeat(from, distance, len);
        }
        self.at += len;
        Ok(len)
    }

    /// Writes the `distance` bytes at `from`, fewer than are copied at once, again and again.
    fn repeat(&mut self, from: usize, distance: usize, len: usize) {
        let Some((before, behind)) = self.bytes.split_at_mut_checked(self.at) else { return };
        let Some(pattern) = before.get(from..) else { return };
        if let ([byte], Some(slots)) = (pattern, behind.get_mut(..len)) {
            slots.fill(*byte);
            return;
        }
        // As many whole repetitions as are copied at once.
        let mut piece = [0; AT_ONCE];
        for (slot, byte) in piece.iter_mut().zip(pattern.iter().cycle()) {
            *slot = *byte;
        }
        let step = AT_ONCE - AT_ONCE % distance;
        for done in (0..len).step_by(step) {
            let to = behind.get_mut(done..).and_then(<[u8]>::first_chunk_mut);
            let Some(to) = to else { break };
            *to = piece;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_repeat_what_was_written() {
        for distance in 1..40 {
            let mut window = Window::new(Format::Deflate64);
            window.begin(1_000);
            (0..40).for_each(|byte| window.byte(byte));
            let mut want: Vec<u8> = (0..40).collect();
            for len in [3, 10, 16, 17, 258] {
                assert_eq!(window.copy(distance, len), Ok(len));
                (0..len).for_each(|_| want.push(want[want.len() - distance]));
            }
            assert_eq!(window.written(), want, "distance {distance}");
        }
    }

    #[test]
    fn no_more_is_reached_than_was_written_and_the_reach() {
        for format in [Format::Deflate, Format::Deflate64] {
            let mut window = Window::new(format);
            window.begin(3);
            window.byte(b'a');
            assert_eq!(window.copy(2, 1), Err(MALFORMED));
            assert_eq!(window.copy(0, 1), Err(MALFORMED));
            assert_eq!(window.copy(1, 5), Ok(2), "there is room for no more");
            // It is moved, and what is left of it is still what was written last.
            let mut all = b"aaa".to_vec();
            for round in 0..30u8 {
                window.begin(30_000);
                let bytes = vec![round; window.room()];
                window.bytes(&bytes);
                all.extend(bytes);
                window.begin(1);
                let reach = all.len().min(format.reach());
                assert_eq!(window.copy(reach + 1, 1), Err(MALFORMED));
                assert_eq!(window.copy(reach, 1), Ok(1));
                all.push(all[all.len() - reach]);
                assert_eq!(window.written(), all.get(all.len() - 1..).unwrap(), "round {round}");
            }
            assert!(all.len() > 600_000, "{}", all.len());
            assert!(window.bytes.len() <= Window::memory_max(format));
            window.clear();
            window.begin(1);
            assert_eq!(window.copy(1, 1), Err(MALFORMED));
        }
    }

    #[test]
    fn few_bytes_ask_for_little() {
        let mut window = Window::new(Format::Deflate);
        for (want, held) in [(1 << 10, 1 << 10), (1 << 10, 2 << 10), (2 << 10, 4 << 10)] {
            window.begin(32 << 10);
            assert_eq!(window.room(), want);
            assert_eq!(window.bytes.len(), held + AT_ONCE);
            window.bytes(&vec![1; want]);
        }
    }
}
