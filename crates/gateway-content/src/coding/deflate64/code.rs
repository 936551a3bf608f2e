//! The codes of a block, looked up by the bits that come next: what a code means, and how many bits
//! it has.

use super::super::bits::{Fault, MALFORMED};

/// Codes of a block, those of distances included.
pub(super) const CODES_MAX: usize = 288 + 32;
/// Bits of the longest code.
pub(super) const CODE_BITS_MAX: u32 = 15;

/// What a code means: its bits in the lowest four (none if there is no such code), how many bits follow it in the
/// next five, what kind it is in the next two, a number in the upper half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry(u32);

/// Kinds of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The number is a byte.
    Literal,
    /// The number is the least length or distance; what the bits that follow say comes to it.
    Base,
    /// The end of the block.
    End,
    /// There is a code, and nothing that it could mean.
    Nothing,
}

impl Entry {
    const fn new(kind: Kind, number: u16, extra: u32) -> Self {
        let kind = match kind {
            Kind::Literal => 0,
            Kind::Base => 1,
            Kind::End => 2,
            Kind::Nothing => 3,
        };
        Self((number as u32) << 16 | kind << 9 | extra << 4)
    }

    /// Bits of the code.
    #[inline]
    pub(super) const fn bits(self) -> u32 {
        self.0 & 15
    }

    /// Bits that follow the code.
    #[inline]
    pub(super) const fn extra(self) -> u32 {
        self.0 >> 4 & 31
    }

    #[inline]
    pub(super) const fn kind(self) -> Kind {
        match self.0 >> 9 & 3 {
            0 => Kind::Literal,
            1 => Kind::Base,
            2 => Kind::End,
            _ => Kind::Nothing,
        }
    }

    #[inline]
    pub(super) const fn number(self) -> u32 {
        self.0 >> 16
    }

    const fn of_bits(self, bits: u32) -> Self {
        Self(self.0 | bits)
    }
}

/// What a symbol means in the code for lengths of codes: of the last three a number follows.
pub(super) const fn length_of_code(symbol: usize) -> Entry {
    let extra = match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    };
    Entry::new(Kind::Literal, symbol as u16, extra)
}

/// What a symbol of the code for bytes and lengths means: 285 is a length of three to 65,538, where
/// deflate has 258.
pub(super) const fn literal_or_length(symbol: usize) -> Entry {
    match symbol {
        0..256 => Entry::new(Kind::Literal, symbol as u16, 0),
        256 => Entry::new(Kind::End, 0, 0),
        257..=264 => Entry::new(Kind::Base, (symbol - 254) as u16, 0),
        265..=284 => {
            let (group, within) = ((symbol - 261) / 4, (symbol - 261) % 4);
            Entry::new(Kind::Base, (((4 + within) << group) + 3) as u16, group as u32)
        }
        285 => Entry::new(Kind::Base, 3, 16),
        _ => Entry::new(Kind::Nothing, 0, 0),
    }
}

/// What a symbol of the code for distances means: there are 32, the last two for distances beyond
/// 32 KiB.
pub(super) const fn distance(symbol: usize) -> Entry {
    match symbol {
        0..4 => Entry::new(Kind::Base, symbol as u16 + 1, 0),
        4..32 => {
            let group = symbol / 2 - 1;
            Entry::new(Kind::Base, (((2 + symbol % 2) << group) + 1) as u16, group as u32)
        }
        _ => Entry::new(Kind::Nothing, 0, 0),
    }
}

/// A code, with a table of two to the power of `BITS` codes of the first bits.
pub(super) struct Code<const TABLE: usize> {
    /// By the first bits: an empty one where codes are longer, or missing.
    table: Box<[Entry; TABLE]>,
    /// Bits that choose from the table: no more than the longest code has.
    table_bits: u32,
    /// How many codes there are of each number of bits, and what they mean, in their order.
    counts: [u16; CODE_BITS_MAX as usize + 1],
    sorted: Box<[Entry; 288]>,
}

impl<const TABLE: usize> Code<TABLE> {
    /// A code without codes.
    pub(super) fn new() -> Self {
        Self {
            table: Box::new([Entry::default(); TABLE]),
            table_bits: 0,
            counts: [0; CODE_BITS_MAX as usize + 1],
            sorted: Box::new([Entry::default(); 288]),
        }
    }

    /// Makes it the code of those `lengths`, zero where a symbol has none, that mean what `meaning`
    /// says. Codes may be missing, and not more than there is room for.
    pub(super) fn set(
        &mut self,
        lengths: &[u8],
        meaning: impl Fn(usize) -> Entry,
    ) -> Result<(), Fault> {
        let mut counts = [0u16; CODE_BITS_MAX as usize + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length)).ok_or(MALFORMED)? += 1;
        }
        counts[0] = 0;
        // Where those of each length begin among all, and whether there is room for them.
        let mut at = [0u16; CODE_BITS_MAX as usize + 2];
        let (mut room, mut longest, mut sum) = (1i32, 0, 0);
        for (length, (count, next)) in counts.iter().zip(at.iter_mut().skip(1)).enumerate().skip(1)
        {
            room = 2 * room - i32::from(*count);
            if room < 0 {
                return Err(MALFORMED);
            }
            sum += count;
            *next = sum;
            longest = if *count > 0 { length as u32 } else { longest };
        }
        for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            let Some(at) = at.get_mut(usize::from(*length)) else { return Err(MALFORMED) };
            if let Some(slot) = self.sorted.get_mut(usize::from(*at)) {
                *slot = meaning(symbol).of_bits((*length).into());
            }
            *at += 1;
        }
        self.counts = counts;
        self.table_bits = longest.min(TABLE.ilog2());
        self.fill();
        Ok(())
    }

    /// Fills the table: codes are counted up from their highest bit, which comes first.
    fn fill(&mut self) {
        let size = 1 << self.table_bits;
        let table = self.table.get_mut(..size).unwrap_or_default();
        table.fill(Entry::default());
        let (mut code, mut symbols) = (0u32, self.sorted.iter());
        for (bits, count) in (0u32..).zip(&self.counts).skip(1).take(self.table_bits as usize) {
            code <<= 1;
            for entry in symbols.by_ref().take(usize::from(*count)) {
                let first = (code.reverse_bits() >> (32 - bits)) as usize;
                for slot in table.iter_mut().skip(first).step_by(1 << bits) {
                    *slot = *entry;
                }
                code += 1;
            }
        }
    }

    /// The code with which `bits` begin: an empty one if there is none.
    #[inline]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let at = bits & ((1 << self.table_bits) - 1);
        let entry = self.table.get(at as usize).copied().unwrap_or_default();
        if entry.bits() == 0 { self.search(bits) } else { entry }
    }

    /// The same for a code that is not in the table.
    #[cold]
    fn search(&self, bits: u64) -> Entry {
        let reversed = u32::from((bits as u16).reverse_bits());
        let (mut first, mut index) = (0, 0);
        for (length, count) in self.counts.iter().enumerate().skip(1) {
            let (code, count) = (reversed >> (16 - length), u32::from(*count));
            if code < first + count {
                return self
                    .sorted
                    .get((index + code - first) as usize)
                    .copied()
                    .unwrap_or_default();
            }
            index += count;
            first = (first + count) << 1;
        }
        Entry::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_are_those_of_the_format() {
        let base = |entry: Entry| (entry.kind(), entry.number(), entry.extra());
        for (symbol, number, extra) in
            [(257, 3, 0), (264, 10, 0), (265, 11, 1), (268, 17, 1), (284, 227, 5), (285, 3, 16)]
        {
            assert_eq!(base(literal_or_length(symbol)), (Kind::Base, number, extra), "{symbol}");
        }
        for (symbol, number, extra) in
            [(0, 1, 0), (3, 4, 0), (4, 5, 1), (29, 24_577, 13), (30, 32_769, 14), (31, 49_153, 14)]
        {
            assert_eq!(base(distance(symbol)), (Kind::Base, number, extra), "{symbol}");
        }
        assert_eq!(literal_or_length(256).kind(), Kind::End);
        assert_eq!(literal_or_length(65), Entry::new(Kind::Literal, 65, 0));
        for nothing in [literal_or_length(286), literal_or_length(287), distance(32)] {
            assert_eq!(nothing.kind(), Kind::Nothing);
        }
    }

    #[test]
    fn codes_in_the_table_and_beyond_it_are_found() {
        // One of each length: 0, 10, 110, ...; of the longest there are two.
        let lengths: Vec<u8> = (1..=15).chain([15]).collect();
        let mut code = Code::<16>::new();
        code.set(&lengths, literal_or_length).unwrap();
        for (symbol, length) in lengths.iter().enumerate() {
            let ones = (1u64 << symbol.min(15)) - 1;
            let entry = code.look_up(ones);
            assert_eq!((entry.number(), entry.bits()), (symbol as u32, u32::from(*length)));
        }
    }

    #[test]
    fn codes_may_be_missing_and_not_be_too_many() {
        let mut code = Code::<16>::new();
        assert_eq!(code.set(&[1, 1, 1], literal_or_length), Err(MALFORMED));
        assert_eq!(code.set(&[0, 7, 16], literal_or_length), Err(MALFORMED));
        code.set(&[0, 2, 0, 3], literal_or_length).unwrap();
        let found = [0b00, 0b010, 0b110, 0b011].map(|bits| code.look_up(bits).bits());
        assert_eq!(found, [2, 3, 0, 0]);
        assert_eq!(code.look_up(0b010).number(), 3);
        assert_eq!(code.look_up(0b00).number(), 1);
        code.set(&[], literal_or_length).unwrap();
        assert_eq!(code.look_up(0).bits(), 0);
    }
}
