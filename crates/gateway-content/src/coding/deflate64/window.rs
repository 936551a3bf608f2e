//! The bytes that came out last, to which what follows refers.

use super::super::bits::{Fault, MALFORMED};

/// Bytes that can be referred to.
const REACH: usize = 64 << 10;
/// Bytes that can be written before those of the reach have to be moved.
const ROOM: usize = 128 << 10;
/// Bytes that are copied at once: so many may be written behind the last one.
const AT_ONCE: usize = 16;

/// The window, and how much may be written to it for now.
pub(super) struct Window {
    bytes: Box<[u8]>,
    /// Where the next byte goes, and where the last one that may be written for now ends.
    at: usize,
    end: usize,
    /// Where those begin that were written for now.
    begin: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        let bytes = vec![0; REACH + ROOM + AT_ONCE].into_boxed_slice();
        Self { bytes, at: 0, end: 0, begin: 0 }
    }

    /// Bytes that it holds.
    pub(super) const fn memory_max() -> usize {
        REACH + ROOM + AT_ONCE
    }

    /// From now on `len` bytes may be written, less than 128 KiB.
    pub(super) fn begin(&mut self, len: usize) {
        if self.at + len > REACH + ROOM {
            self.bytes.copy_within(self.at - REACH..self.at, 0);
            self.at = REACH;
        }
        (self.begin, self.end) = (self.at, self.at + len);
    }

    /// Bytes that were written since then.
    pub(super) fn written(&self) -> &[u8] {
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
        if distance == 0 || distance > self.at.min(REACH) {
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

    /// Writes the `distance` bytes at `from` again and again.
    fn repeat(&mut self, from: usize, distance: usize, len: usize) {
        let (mut span, mut done) = (distance, 0);
        while done < len {
            let n = span.min(len - done);
            self.bytes.copy_within(from..from + n, self.at + done);
            done += n;
            span *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_repeat_what_was_written() {
        for distance in 1..40 {
            let mut window = Window::new();
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
    fn no_more_is_reached_than_was_written_and_64_kib() {
        let mut window = Window::new();
        window.begin(3);
        window.byte(b'a');
        assert_eq!(window.copy(2, 1), Err(MALFORMED));
        assert_eq!(window.copy(0, 1), Err(MALFORMED));
        assert_eq!(window.copy(1, 5), Ok(2), "there is room for no more");
        // It is moved, and what is left of it is still what was written last.
        let mut all = b"aaa".to_vec();
        for round in 0..20u8 {
            window.begin(30_000);
            window.bytes(&[round; 30_000]);
            all.extend([round; 30_000]);
            window.begin(1);
            let reach = all.len().min(REACH);
            assert_eq!(window.copy(reach + 1, 1), Err(MALFORMED));
            assert_eq!(window.copy(reach, 1), Ok(1));
            all.push(all[all.len() - reach]);
            assert_eq!(window.written(), all.get(all.len() - 1..).unwrap(), "round {round}");
        }
    }
}
