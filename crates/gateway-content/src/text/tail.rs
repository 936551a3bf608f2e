//! The end of the text that was walked through, for runs that began in it.

/// Bytes that are kept at least, as far as there are so many.
pub(super) const TAIL_BYTES: usize = 1_280;

/// The last bytes of a text.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    /// What is kept; more than [`TAIL_BYTES`] only between two calls of [`push`](Self::push).
    pub(super) fn bytes(&self) -> &[u8] {
        let from = self.bytes.len().saturating_sub(TAIL_BYTES);
        self.bytes.get(from..).unwrap_or_default()
    }

    /// Adds what was walked through.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let last = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..).unwrap_or(bytes);
        if last.len() == TAIL_BYTES {
            self.bytes.clear();
        } else if self.bytes.len() + last.len() > 4 * TAIL_BYTES {
            let from = self.bytes.len().saturating_sub(TAIL_BYTES);
            self.bytes.drain(..from);
        }
        self.bytes.extend_from_slice(last);
    }

    /// Forgets all: what follows stands on its own.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }
}
