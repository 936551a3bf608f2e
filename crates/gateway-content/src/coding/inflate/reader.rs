//! Bits of a stream that comes in pieces, lowest first. Between two pieces no more is held than what
//! has come of one read: all that follows is left in its piece.

use super::super::bits::Fault;

/// Bits that can be held for certain, and that one read may ask for at the most.
pub(super) const HELD_BITS: u32 = 56;

/// What is held between two pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    bits: u64,
    count: u32,
}

/// Bits that were held, and those of a piece.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// Above `count` bits there may stand some that come next, and nothing else.
    bits: u64,
    count: u32,
    piece: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(held: Held, piece: &'a [u8]) -> Self {
        Self { bits: held.bits, count: held.count, piece, at: 0 }
    }

    /// The bits that come next; behind those that have come there is nothing to go by.
    #[inline]
    pub(super) const fn bits(&self) -> u64 {
        self.bits
    }

    /// How many of them have come.
    #[inline]
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Takes bytes of the piece: [`HELD_BITS`] at the least have come, if there are as many.
    #[inline]
    pub(super) fn refill(&mut self) {
        match self.piece.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(eight) => {
                self.bits |= u64::from_le_bytes(*eight) << self.count;
                let bytes = (63 - self.count) / 8;
                self.at += bytes as usize;
                self.count += 8 * bytes;
            }
            None => self.refill_by_bytes(),
        }
    }

    fn refill_by_bytes(&mut self) {
        while self.count < HELD_BITS
            && let Some(byte) = self.piece.get(self.at)
        {
            self.bits |= u64::from(*byte) << self.count;
            self.count += 8;
            self.at += 1;
        }
    }

    /// Uses `count` bits, which have come.
    #[inline]
    pub(super) const fn skip(&mut self, count: u32) {
        self.bits >>= count;
        self.count -= count;
    }

    /// The next `count` bits, 32 at the most, unless not all of them have come.
    pub(crate) fn take(&mut self, count: u32) -> Result<u32, Fault> {
        if self.count < count {
            self.refill();
        }
        if self.count < count {
            return Err(Fault::Short);
        }
        let value = self.bits & ((1 << count) - 1);
        self.skip(count);
        Ok(value as u32)
    }

    /// Uses what is left of a byte.
    pub(crate) const fn align(&mut self) {
        self.skip(self.count % 8);
    }

    /// Up to `bytes_max` bytes as they stand, where a byte begins.
    pub(super) fn bytes(&mut self, bytes_max: usize) -> &'a [u8] {
        self.leave();
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let bytes = rest.get(..bytes_max).unwrap_or(rest);
        self.at += bytes.len();
        bytes
    }

    /// Leaves in the piece what no read has begun with.
    pub(crate) fn leave(&mut self) {
        let bytes = self.count / 8;
        self.at = self.at.saturating_sub(bytes as usize);
        self.count -= 8 * bytes;
        self.bits &= (1 << self.count) - 1;
    }

    /// How many bytes of the piece were taken, and what is held of them.
    pub(crate) fn end(self) -> (usize, Held) {
        let bits = self.bits & ((1 << self.count) - 1);
        (self.at, Held { bits, count: self.count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_lowest_first_over_pieces() {
        let mut reader = Reader::new(Held::default(), &[0b1010_0110, 0xff]);
        assert_eq!([3, 2, 7].map(|count| reader.take(count).unwrap()), [0b110, 0b00, 0b111_1101]);
        assert_eq!(reader.take(5), Err(Fault::Short));
        let (taken, held) = reader.end();
        assert_eq!(taken, 2);
        let mut reader = Reader::new(held, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(reader.take(12), Ok(0x1f), "four bits that were held, and a byte");
        assert_eq!(reader.bytes(3), [2, 3, 4]);
        assert_eq!(reader.take(4), Ok(5));
        reader.leave();
        let (taken, held) = reader.end();
        assert_eq!((taken, held.bits, held.count), (5, 0, 4));
    }

    #[test]
    fn what_no_read_has_begun_with_is_left() {
        let mut reader = Reader::new(Held::default(), &[0xff; 20]);
        assert_eq!(reader.take(1), Ok(1));
        assert!(reader.count() >= HELD_BITS - 1);
        reader.align();
        reader.leave();
        assert_eq!(reader.end().0, 1);
    }
}
