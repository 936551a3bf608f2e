//! Bits of a stream that comes in pieces, highest first. Between two pieces no more is held than what has
//! come of one read: all that follows is left in its piece.

use super::super::bits::Fault;

/// What is held between two pieces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    bits: u64,
    count: u32,
}

/// Bits that were held, and those of a piece.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// Below the highest `count` bits there may stand some that come next, and nothing else.
    bits: u64,
    count: u32,
    piece: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(held: Held, piece: &'a [u8]) -> Self {
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

    /// Takes bytes of the piece: 56 bits at the least have come, if there are as many.
    #[inline]
    pub(super) fn refill(&mut self) {
        match self.piece.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(eight) => {
                self.bits |= u64::from_be_bytes(*eight) >> self.count;
                let bytes = (63 - self.count) / 8;
                self.at += bytes as usize;
                self.count += 8 * bytes;
            }
            None => self.refill_by_bytes(),
        }
    }

    fn refill_by_bytes(&mut self) {
        while self.count < 56
            && let Some(byte) = self.piece.get(self.at)
        {
            self.bits |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
            self.at += 1;
        }
    }

    /// Uses `count` bits, which have come.
    #[inline]
    pub(super) const fn skip(&mut self, count: u32) {
        self.bits <<= count;
        self.count -= count;
    }

    /// The next `count` bits, from one to 48, unless not all of them have come.
    pub(super) fn take(&mut self, count: u32) -> Result<u64, Fault> {
        if self.count < count {
            self.refill();
        }
        if self.count < count {
            return Err(Fault::Short);
        }
        let value = self.bits >> (64 - count);
        self.skip(count);
        Ok(value)
    }

    /// Uses what is left of a byte.
    pub(super) const fn align(&mut self) {
        self.skip(self.count % 8);
    }

    /// Leaves in the piece what no read has begun with.
    pub(super) const fn leave(&mut self) {
        let bytes = self.count / 8;
        self.at = self.at.saturating_sub(bytes as usize);
        self.count -= 8 * bytes;
    }

    /// How many bytes of the piece were taken, and what is held of them.
    pub(super) const fn end(self) -> (usize, Held) {
        let bits = if self.count == 0 { 0 } else { self.bits & (u64::MAX << (64 - self.count)) };
        (self.at, Held { bits, count: self.count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_highest_first_over_pieces() {
        let mut reader = Reader::new(Held::default(), &[0b1010_0110, 0xff]);
        assert_eq!([3, 2, 7].map(|count| reader.take(count)), [Ok(0b101), Ok(0), Ok(0b110_1111)]);
        assert_eq!(reader.take(5), Err(Fault::Short));
        let (taken, held) = reader.end();
        assert_eq!(taken, 2);
        let mut reader = Reader::new(held, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(reader.take(12), Ok(0xf01), "four bits that were held, and a byte");
        assert_eq!(reader.take(48), Ok(0x0203_0405_0607));
        assert_eq!(reader.take(3), Ok(0));
        reader.leave();
        assert_eq!(reader.count(), 5);
        reader.align();
        assert_eq!(reader.take(8), Ok(9));
        reader.leave();
        assert_eq!(reader.end().0, 9);
    }
}
