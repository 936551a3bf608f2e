//! The codes of a block: what the bits that come next mean.

use super::super::bits::{Fault, MALFORMED};

/// Symbols of a code, at the most: two for runs, 255 places, and the end.
pub(super) const SYMBOLS_MAX: usize = 258;
/// Bits of the longest code.
pub(super) const CODE_BITS_MAX: u32 = 20;
/// Bits by which a code is looked up.
const TABLE_BITS: u32 = 10;

/// What a code means: its bits in the lowest five (none if there is no such code, or it is not in the table), the
/// symbol above them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry(u16);

impl Entry {
    const fn new(symbol: usize, bits: u32) -> Self {
        Self((symbol << 5) as u16 | bits as u16)
    }

    #[inline]
    pub(super) const fn bits(self) -> u32 {
        (self.0 & 31) as u32
    }

    #[inline]
    pub(super) const fn symbol(self) -> usize {
        (self.0 >> 5) as usize
    }
}

/// A code.
pub(super) struct Code {
    table: [Entry; 1 << TABLE_BITS],
    /// Bits that choose from the table: no more than the longest code has.
    table_bits: u32,
    /// How many codes there are of each number of bits, and what they mean, in their order.
    counts: [u16; CODE_BITS_MAX as usize + 1],
    sorted: [Entry; SYMBOLS_MAX],
}

impl Code {
    pub(super) const fn new() -> Self {
        Self {
            table: [Entry(0); 1 << TABLE_BITS],
            table_bits: 1,
            counts: [0; CODE_BITS_MAX as usize + 1],
            sorted: [Entry(0); SYMBOLS_MAX],
        }
    }

    /// Makes it the code of these lengths, from one bit to 20. There may be fewer codes than there is room for; of
    /// more those count that come first, as for whoever else unpacks them.
    pub(super) fn set(&mut self, lengths: &[u8]) -> Result<(), Fault> {
        let mut counts = [0u16; CODE_BITS_MAX as usize + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length)).ok_or(MALFORMED)? += 1;
        }
        let mut starts = [0u16; CODE_BITS_MAX as usize + 2];
        let (mut longest, mut sum) = (1, 0);
        let nexts = starts.iter_mut().skip(1);
        for (length, (count, next)) in counts.iter().zip(nexts).enumerate().skip(1) {
            sum += count;
            *next = sum;
            longest = if *count > 0 { length as u32 } else { longest };
        }
        for (symbol, length) in lengths.iter().enumerate() {
            let Some(at) = starts.get_mut(usize::from(*length)) else { return Err(MALFORMED) };
            if let Some(slot) = self.sorted.get_mut(usize::from(*at)) {
                *slot = Entry::new(symbol, (*length).into());
            }
            *at += 1;
        }
        self.counts = counts;
        self.table_bits = longest.min(TABLE_BITS);
        self.fill();
        Ok(())
    }

    /// Fills the table: codes are counted up, and what begins with one stands together.
    fn fill(&mut self) {
        let (mut at, mut symbols) = (0, self.sorted.iter());
        let by_bits = (0u32..).zip(&self.counts).skip(1);
        for (bits, count) in by_bits.take(self.table_bits as usize) {
            let span = 1usize << (self.table_bits - bits);
            for entry in symbols.by_ref().take(usize::from(*count)) {
                if let Some(slots) = self.table.get_mut(at..at + span) {
                    slots.fill(*entry);
                }
                at += span;
            }
        }
        if let Some(rest) = self.table.get_mut(at..1 << self.table_bits) {
            rest.fill(Entry(0));
        }
    }

    /// The code with which `bits` begin: an empty one if there is none.
    #[inline]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let at = (bits >> (64 - self.table_bits)) as usize;
        let entry = self.table.get(at).copied().unwrap_or_default();
        if entry.bits() == 0 { self.search(bits) } else { entry }
    }

    /// The same for a code that is not in the table.
    #[cold]
    fn search(&self, bits: u64) -> Entry {
        let bits = (bits >> (64 - CODE_BITS_MAX)) as u32;
        let (mut first, mut index) = (0, 0);
        for (length, count) in (0u32..).zip(&self.counts).skip(1) {
            let (code, count) = (bits >> (CODE_BITS_MAX - length), u32::from(*count));
            if code < first + count {
                let at = (index + code - first) as usize;
                return self.sorted.get(at).copied().unwrap_or_default();
            }
            index += count;
            first = (first + count) << 1;
        }
        Entry(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_the_table_and_beyond_it_are_found() {
        // One of each length: 0, 10, 110, ...; of the longest there are two.
        let lengths: Vec<u8> = (1..=20).chain([20]).collect();
        let mut code = Code::new();
        code.set(&lengths).unwrap();
        for (symbol, length) in lengths.iter().enumerate() {
            let ones = !(u64::MAX >> symbol.min(20));
            let entry = code.look_up(ones);
            assert_eq!((entry.symbol(), entry.bits()), (symbol, u32::from(*length)));
        }
    }

    #[test]
    fn codes_may_be_missing_or_too_many() {
        let mut code = Code::new();
        assert_eq!(code.set(&[1, 21]), Err(MALFORMED));
        code.set(&[2, 1, 2, 1, 12]).unwrap();
        let found = [0, 1, 2, 3].map(|bits| code.look_up(bits << 62).symbol());
        assert_eq!(found, [1, 1, 3, 3], "for the longer ones there is no room");
        code.set(&[3, 2, 3]).unwrap();
        let found = [0b000, 0b010, 0b011, 0b100, 0b111].map(|bits| {
            let entry = code.look_up(bits << 61);
            (entry.symbol(), entry.bits())
        });
        assert_eq!(found, [(1, 2), (0, 3), (2, 3), (0, 0), (0, 0)]);
    }
}
