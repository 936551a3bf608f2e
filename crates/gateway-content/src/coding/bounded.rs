//! Bounds a decoder to the packed length that its container gives.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::transform::Transform;

/// A packed member of known length, or of a length that its format tells.
pub(crate) struct Bounded<T> {
    inner: T,
    left: Option<u64>,
}

impl<T: Transform> Bounded<T> {
    /// `left` more packed bytes, where that is known.
    pub(crate) const fn new(inner: T, left: Option<u64>) -> Self {
        Self { inner, left }
    }
}

impl<T: Transform> Transform for Bounded<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let bound = self.left.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let (before, work) = (out.len(), self.inner.work());
        let (used, decoded) = self.inner.run(input.get(..bound).unwrap_or(input), out);
        self.left = self.left.map(|left| left.saturating_sub(used as u64));
        // A block may end, all of it being out, in bits that were taken before.
        let stuck = used == 0 && out.len() == before && self.inner.work() == work;
        if decoded == Decoded::More && self.left == Some(0) && (self.inner.is_drained() || stuck) {
            return match self.inner.finish(out) {
                Ok(()) => (used, Decoded::End),
                Err(reason) => (used, Decoded::Failed(reason)),
            };
        }
        (used, decoded)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let _ = self.inner.finish(out);
        Err(Unscannable::Malformed)
    }

    fn is_drained(&self) -> bool {
        // At the end of what there is it has to be asked once more.
        self.inner.is_drained() && self.left != Some(0)
    }

    fn unread(&self) -> &[u8] {
        // Of a known length all belongs to it.
        if self.left.is_none() { self.inner.unread() } else { &[] }
    }

    fn is_settled(&self) -> bool {
        self.inner.is_settled()
    }

    fn lag(&self) -> usize {
        self.inner.lag()
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.inner.work()
    }

    fn memory_max(&self) -> usize {
        self.inner.memory_max()
    }
}
