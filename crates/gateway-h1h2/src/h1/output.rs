//! Bytes to be written, in order: body pieces as they are, everything else in one growing buffer.

use bytes::{Bytes, BytesMut};

/// Heads and chunk lines share allocations of this size.
const SCRATCH_BYTES: usize = 2048;

#[derive(Debug, Default)]
pub(super) struct Output {
    pieces: Vec<Bytes>,
    scratch: BytesMut,
    bytes: usize,
}

impl Output {
    /// Bytes not yet taken.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    /// Lets `write` append to the buffer.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut BytesMut)) {
        if self.scratch.is_empty() {
            self.scratch.reserve(SCRATCH_BYTES / 8);
        }
        let before = self.scratch.len();
        write(&mut self.scratch);
        self.bytes += self.scratch.len() - before;
    }

    /// Appends body bytes without copying them.
    pub(super) fn push(&mut self, body: Bytes) {
        self.flush();
        self.bytes += body.len();
        self.pieces.push(body);
    }

    /// Moves everything to the end of `output`; says how many bytes it was.
    pub(super) fn move_to(&mut self, output: &mut Vec<Bytes>) -> usize {
        self.flush();
        output.append(&mut self.pieces);
        std::mem::take(&mut self.bytes)
    }

    fn flush(&mut self) {
        if !self.scratch.is_empty() {
            self.pieces.push(self.scratch.split().freeze());
        }
    }
}
