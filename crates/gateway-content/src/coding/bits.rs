//! Bits of bytes that may not all have come yet, in the orders that packers write them.

use gateway_inspect::Unscannable;

/// Which bit of a stream comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The highest of each byte; a number begins with its highest bit.
    High,
    /// The lowest of each byte; a number begins with its lowest bit.
    Low,
    /// The highest of each pair of bytes, of which the second is the higher one.
    HighOfPairs,
}

/// Why no number could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not all bits of it have come.
    Short,
    /// It makes no sense.
    Broken(Unscannable),
}

/// What makes no sense in any format.
pub(crate) const MALFORMED: Fault = Fault::Broken(Unscannable::Malformed);

/// The bits of `bytes` from `at` on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    order: Order,
}

impl<'a> Bits<'a> {
    /// The bits from bit `at` on.
    pub(crate) const fn new(bytes: &'a [u8], at: usize, order: Order) -> Self {
        Self { bytes, at, order }
    }

    /// Number of the next bit.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// The next `count` bits, 25 at the most, as they stand; zeros for those that have not come.
    pub(crate) fn peek(&self, count: u32) -> u32 {
        let byte = self.at / 8;
        let from = if self.order == Order::HighOfPairs { byte & !1 } else { byte };
        let rest = self.bytes.get(from..).unwrap_or_default();
        let eight = match rest.first_chunk::<8>() {
            Some(eight) => *eight,
            None => {
                let mut eight = [0; 8];
                eight.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
                eight
            }
        };
        let shift = (self.at - 8 * from) as u32;
        match self.order {
            Order::High => top(u64::from_be_bytes(eight) << shift, count),
            Order::HighOfPairs => {
                let [a, b, c, d, e, f, g, h] = eight;
                top(u64::from_be_bytes([b, a, d, c, f, e, h, g]) << shift, count)
            }
            // No more than 25 bits are left of it.
            Order::Low => ((u64::from_le_bytes(eight) >> shift) & ((1 << count) - 1)) as u32,
        }
    }

    /// The bytes from the one that the next bit is in.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at / 8..).unwrap_or_default()
    }

    /// Whether a code that was not found in what has come may be one with what comes.
    pub(crate) const fn is_short(&self, count: u32) -> bool {
        8 * self.bytes.len() < self.at + count as usize
    }

    /// Uses `count` bits.
    pub(crate) fn skip(&mut self, count: u32) -> Result<(), Fault> {
        let at = self.at + count as usize;
        let have = match self.order {
            // The bits of a pair come from both of its bytes.
            Order::HighOfPairs => 8 * (self.bytes.len() & !1),
            Order::High | Order::Low => 8 * self.bytes.len(),
        };
        if at > have {
            return Err(Fault::Short);
        }
        self.at = at;
        Ok(())
    }

    /// The next `count` bits, 25 at the most.
    pub(crate) fn take(&mut self, count: u32) -> Result<u32, Fault> {
        let value = self.peek(count);
        self.skip(count)?;
        Ok(value)
    }

    /// The next byte as it stands, between bits that begin at one.
    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        let byte = self.bytes.get(self.at / 8).copied().ok_or(Fault::Short)?;
        self.at += 8;
        Ok(byte)
    }

    /// The next `count` bits, as a number.
    pub(crate) fn number(&mut self, count: u32) -> Result<usize, Fault> {
        self.take(count).map(|value| value as usize)
    }
}

/// The highest bits.
fn top(bits: u64, count: u32) -> u32 {
    // As many as there are bits in the answer, at the most.
    if count == 0 { 0 } else { (bits >> (64 - count)) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_their_order() {
        let bytes = [0b1010_0011, 0b0100_0001, 0b1111_0000, 0];
        for (order, want) in [
            (Order::High, [0b101, 0b000_1101, 0b000]),
            (Order::Low, [0b011, 0b011_0100, 0b000]),
            (Order::HighOfPairs, [0b010, 0b000_0110, 0b100]),
        ] {
            let mut bits = Bits::new(&bytes, 0, order);
            assert_eq!([3, 7, 3].map(|n| bits.take(n).unwrap()), want, "{order:?}");
            assert_eq!(bits.at(), 13);
            assert_eq!(bits.skip(20), Err(Fault::Short));
            assert_eq!(bits.at(), 13, "nothing is used of what is short");
        }
    }
}
