//! The codes of a block, looked up by the bits that come next: what a code means, and how many bits
//! it has.

use super::super::bits::{Fault, MALFORMED};

/// What the codes of a stream may mean, and how far back it may refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Deflate (RFC 1951).
    Deflate,
    /// Deflate64: a window of 64 KiB, two more codes for distances, and a length of up to 65,538 bytes.
    Deflate64,
}

impl Format {
    /// How many bytes back it may refer.
    pub(super) const fn reach(self) -> usize {
        match self {
            Self::Deflate => 32 << 10,
            Self::Deflate64 => 64 << 10,
        }
    }

    /// How many codes a block may bring, for bytes and lengths, and for distances.
    pub(super) const fn counts_max(self) -> (usize, usize) {
        match self {
            Self::Deflate => (286, 30),
            Self::Deflate64 => (288, 32),
        }
    }

    /// Whether a code may leave room for others: one of deflate may not, unless it is of one code or none.
    pub(super) const fn may_lack(self) -> Lack {
        match self {
            Self::Deflate => Lack::Single,
            Self::Deflate64 => Lack::Any,
        }
    }

    /// What each symbol of the code for bytes and lengths means.
    pub(super) const fn literals(self) -> &'static [Entry; LITERALS_MAX] {
        const fn all(format: Format) -> [Entry; LITERALS_MAX] {
            let (mut all, mut symbol) = ([Entry::NOTHING; LITERALS_MAX], 0);
            while symbol < LITERALS_MAX {
                all[symbol] = format.literal_or_length(symbol);
                symbol += 1;
            }
            all
        }
        static DEFLATE: [Entry; LITERALS_MAX] = all(Format::Deflate);
        static DEFLATE64: [Entry; LITERALS_MAX] = all(Format::Deflate64);
        match self {
            Self::Deflate => &DEFLATE,
            Self::Deflate64 => &DEFLATE64,
        }
    }

    /// What each symbol of the code for distances means.
    pub(super) const fn distances(self) -> &'static [Entry; DISTANCES_MAX] {
        const fn all(format: Format) -> [Entry; DISTANCES_MAX] {
            let (mut all, mut symbol) = ([Entry::NOTHING; DISTANCES_MAX], 0);
            while symbol < DISTANCES_MAX {
                all[symbol] = format.distance(symbol);
                symbol += 1;
            }
            all
        }
        static DEFLATE: [Entry; DISTANCES_MAX] = all(Format::Deflate);
        static DEFLATE64: [Entry; DISTANCES_MAX] = all(Format::Deflate64);
        match self {
            Self::Deflate => &DEFLATE,
            Self::Deflate64 => &DEFLATE64,
        }
    }

    /// What a symbol of the code for bytes and lengths means.
    const fn literal_or_length(self, symbol: usize) -> Entry {
        match (self, symbol) {
            (_, 0..256) => Entry::new(Kind::Literal, symbol as u16, 0),
            (_, 256) => Entry::new(Kind::End, 0, 0),
            (_, 257..=264) => Entry::new(Kind::Base, (symbol - 254) as u16, 0),
            (_, 265..=284) => {
                let (group, within) = ((symbol - 261) / 4, (symbol - 261) % 4);
                Entry::new(Kind::Base, (((4 + within) << group) + 3) as u16, group as u32)
            }
            (Self::Deflate, 285) => Entry::new(Kind::Base, 258, 0),
            (Self::Deflate64, 285) => Entry::new(Kind::Base, 3, 16),
            (_, _) => Entry::NOTHING,
        }
    }

    /// What a symbol of the code for distances means: the last two are for distances beyond 32 KiB.
    const fn distance(self, symbol: usize) -> Entry {
        match (self, symbol) {
            (_, 0..4) => Entry::new(Kind::Base, symbol as u16 + 1, 0),
            (_, 4..30) | (Self::Deflate64, 30..32) => {
                let group = symbol / 2 - 1;
                Entry::new(Kind::Base, (((2 + symbol % 2) << group) + 1) as u16, group as u32)
            }
            (_, _) => Entry::NOTHING,
        }
    }
}

/// When a code may leave room for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// Never.
    None,
    /// When it has one code of a bit, or none.
    Single,
    /// Always.
    Any,
}

/// Codes of a block for bytes and lengths, and for distances, at the most.
pub(super) const LITERALS_MAX: usize = 288;
pub(super) const DISTANCES_MAX: usize = 32;
/// Codes of a block.
pub(super) const CODES_MAX: usize = LITERALS_MAX + DISTANCES_MAX;
/// Symbols of the code for lengths of codes.
const LENGTHS: usize = 19;
/// Bits of the longest code.
pub(super) const CODE_BITS_MAX: u32 = 15;

/// What a code means: its bits in the lowest four (none if there is no such code, or it is not in the table), how
/// many bits follow it in the next five, what kind it is in the next two, a number in the upper half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// No code, or one that means nothing.
    const NOTHING: Self = Self::new(Kind::Nothing, 0, 0);

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

/// What each symbol means in the code for lengths of codes: of the last three a number follows.
pub(super) static LENGTHS_OF_CODES: [Entry; LENGTHS] = {
    let (mut all, mut symbol) = ([Entry::NOTHING; LENGTHS], 0);
    while symbol < LENGTHS {
        let extra = match symbol {
            16 => 2,
            17 => 3,
            18 => 7,
            _ => 0,
        };
        all[symbol] = Entry::new(Kind::Literal, symbol as u16, extra);
        symbol += 1;
    }
    all
};

/// A code, with a table of two to the power of `BITS` codes of the first bits.
pub(super) struct Code<const TABLE: usize> {
    /// By the first bits: an empty one where codes are longer, or missing.
    table: [Entry; TABLE],
    /// Bits that choose from the table: no more than the longest code has.
    table_bits: u32,
    /// How many codes there are of each number of bits, and what they mean, in their order.
    counts: [u16; CODE_BITS_MAX as usize + 1],
    sorted: [Entry; 288],
}

impl<const TABLE: usize> Code<TABLE> {
    /// A code without codes.
    pub(super) const fn new() -> Self {
        Self {
            table: [Entry::NOTHING; TABLE],
            table_bits: 0,
            counts: [0; CODE_BITS_MAX as usize + 1],
            sorted: [Entry::NOTHING; 288],
        }
    }

    /// Makes it the code of those `lengths`, zero where a symbol has none, that mean what `meanings`
    /// say. There may not be more than there is room for, and fewer as `lack` allows.
    pub(super) fn set(
        &mut self,
        lengths: &[u8],
        lack: Lack,
        meanings: &[Entry],
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
        let may_lack = match lack {
            Lack::None => false,
            Lack::Single => longest <= 1,
            Lack::Any => true,
        };
        if room > 0 && !may_lack {
            return Err(MALFORMED);
        }
        for (meaning, length) in meanings.iter().zip(lengths).filter(|(_, length)| **length > 0) {
            let Some(at) = at.get_mut(usize::from(*length)) else { return Err(MALFORMED) };
            if let Some(slot) = self.sorted.get_mut(usize::from(*at)) {
                *slot = meaning.of_bits((*length).into());
            }
            *at += 1;
        }
        self.counts = counts;
        self.table_bits = longest.min(TABLE.ilog2());
        self.fill();
        Ok(())
    }

    /// Fills the table: codes are counted up from their highest bit, which comes first. For each bit more
    /// all that is there stands twice, and the codes that end with it go where there is nothing.
    fn fill(&mut self) {
        if let Some(first) = self.table.first_mut() {
            *first = Entry::NOTHING;
        }
        let (mut code, mut symbols) = (0u32, self.sorted.iter());
        for (bits, count) in (0u32..).zip(&self.counts).skip(1).take(self.table_bits as usize) {
            let half = 1usize << (bits - 1);
            if let Some((low, high)) = self.table.get_mut(..2 * half).map(|t| t.split_at_mut(half))
            {
                high.copy_from_slice(low);
            }
            code <<= 1;
            for entry in symbols.by_ref().take(usize::from(*count)) {
                if let Some(slot) =
                    self.table.get_mut((code.reverse_bits() >> (32 - bits)) as usize)
                {
                    *slot = *entry;
                }
                code += 1;
            }
        }
    }

    /// The code with which `bits` begin: an empty one if there is none.
    #[inline]
    pub(super) fn look_up(&self, bits: u64) -> Entry {
        let entry = self.first(bits);
        if entry.bits() == 0 { self.search(bits) } else { entry }
    }

    /// The same, as far as the table tells: an empty one as well if the code is longer.
    #[inline]
    pub(super) fn first(&self, bits: u64) -> Entry {
        let at = bits & ((1 << self.table_bits) - 1);
        self.table.get(at as usize).copied().unwrap_or(Entry::NOTHING)
    }

    /// The same for a code that is not in the table.
    #[cold]
    pub(super) fn search(&self, bits: u64) -> Entry {
        let reversed = u32::from((bits as u16).reverse_bits());
        let (mut first, mut index) = (0, 0);
        for (length, count) in self.counts.iter().enumerate().skip(1) {
            let (code, count) = (reversed >> (16 - length), u32::from(*count));
            if code < first + count {
                return self
                    .sorted
                    .get((index + code - first) as usize)
                    .copied()
                    .unwrap_or(Entry::NOTHING);
            }
            index += count;
            first = (first + count) << 1;
        }
        Entry::NOTHING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_are_those_of_the_format() {
        use Format::{Deflate, Deflate64};
        let base = |entry: Entry| (entry.kind(), entry.number(), entry.extra());
        for format in [Deflate, Deflate64] {
            for (symbol, number, extra) in
                [(257, 3, 0), (264, 10, 0), (265, 11, 1), (268, 17, 1), (284, 227, 5)]
            {
                let found = base(format.literal_or_length(symbol));
                assert_eq!(found, (Kind::Base, number, extra), "{symbol}");
            }
            for (symbol, number, extra) in [(0, 1, 0), (3, 4, 0), (4, 5, 1), (29, 24_577, 13)] {
                let found = base(format.distance(symbol));
                assert_eq!(found, (Kind::Base, number, extra), "{symbol}");
            }
            assert_eq!(format.literal_or_length(256).kind(), Kind::End);
            assert_eq!(format.literal_or_length(65), Entry::new(Kind::Literal, 65, 0));
            for nothing in [286, 287].map(|symbol| format.literal_or_length(symbol)) {
                assert_eq!(nothing.kind(), Kind::Nothing);
            }
            assert_eq!(format.distance(32).kind(), Kind::Nothing);
        }
        assert_eq!(base(Deflate.literal_or_length(285)), (Kind::Base, 258, 0));
        assert_eq!(base(Deflate64.literal_or_length(285)), (Kind::Base, 3, 16));
        assert_eq!([30, 31].map(|symbol| Deflate.distance(symbol).kind()), [Kind::Nothing; 2]);
        let far = [30, 31].map(|symbol| base(Deflate64.distance(symbol)));
        assert_eq!(far, [(Kind::Base, 32_769, 14), (Kind::Base, 49_153, 14)]);
    }

    #[test]
    fn codes_in_the_table_and_beyond_it_are_found() {
        // One of each length: 0, 10, 110, ...; of the longest there are two.
        let lengths: Vec<u8> = (1..=15).chain([15]).collect();
        let mut code = Code::<16>::new();
        code.set(&lengths, Lack::None, Format::Deflate64.literals()).unwrap();
        for (symbol, length) in lengths.iter().enumerate() {
            let ones = (1u64 << symbol.min(15)) - 1;
            let entry = code.look_up(ones);
            assert_eq!((entry.number(), entry.bits()), (symbol as u32, u32::from(*length)));
        }
    }

    #[test]
    fn codes_may_be_missing_and_not_be_too_many() {
        let mut code = Code::<16>::new();
        assert_eq!(code.set(&[1, 1, 1], Lack::Any, Format::Deflate64.literals()), Err(MALFORMED));
        assert_eq!(code.set(&[0, 7, 16], Lack::Any, Format::Deflate64.literals()), Err(MALFORMED));
        code.set(&[0, 2, 0, 3], Lack::Any, Format::Deflate64.literals()).unwrap();
        let found = [0b00, 0b010, 0b110, 0b011].map(|bits| code.look_up(bits).bits());
        assert_eq!(found, [2, 3, 0, 0]);
        assert_eq!(code.look_up(0b010).number(), 3);
        assert_eq!(code.look_up(0b00).number(), 1);
        code.set(&[], Lack::Any, Format::Deflate64.literals()).unwrap();
        assert_eq!(code.look_up(0).bits(), 0);
        for (lengths, none, single) in [
            (&[1, 1][..], true, true),
            (&[0, 1], false, true),
            (&[], false, true),
            (&[2, 2, 2], false, false),
        ] {
            assert_eq!(
                code.set(lengths, Lack::None, Format::Deflate64.literals()).is_ok(),
                none,
                "{lengths:?}"
            );
            assert_eq!(
                code.set(lengths, Lack::Single, Format::Deflate64.literals()).is_ok(),
                single,
                "{lengths:?}"
            );
        }
    }
}
