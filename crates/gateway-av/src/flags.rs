//! The first table that a sample is asked for in: one bit for each gram, and as large as the number
//! of grams asks for, so that it is near the processor if it can.

use bytes::Bytes;

use crate::image::{Input, Stored, load_bulk, store_bulk, stored_enum};

/// How large a table of bits by a hash of grams is. There are few sizes, each known to the compiler, so
/// that what is asked of each sample is next to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// The first-level cache.
    Small,
    Medium,
    Large,
    Huge,
    /// For grams of two bytes a byte each, since all positions are asked for.
    Pairs,
}

impl Size {
    const fn bytes(self) -> usize {
        match self {
            Self::Small => SMALL,
            Self::Medium => MEDIUM,
            Self::Large => LARGE,
            Self::Huge => HUGE,
            Self::Pairs => PAIRS,
        }
    }
}

/// Bytes of the tables.
const SMALL: usize = 32 << 10;
const MEDIUM: usize = 128 << 10;
const LARGE: usize = 512 << 10;
const HUGE: usize = 1 << 20;
const PAIRS: usize = 64 << 10;

/// The flags of the grams of a tier that are for one target.
#[derive(Debug)]
pub(crate) struct Flags {
    gram: usize,
    size: Size,
    /// As many bytes as the size says.
    table: Bytes,
}

/// Factor of multiplicative hashing: the golden ratio in 32 bits.
const MIX: u32 = 0x9E37_79B1;

/// The bit by which letters of different case differ, in every byte of a sample.
const FOLD: u32 = 0x2020_2020;

/// How many bytes a block takes, with room to read a word at its last sample.
const fn block_len(stride: usize) -> usize {
    (Flags::SAMPLES - 1) * stride + 4
}

/// By the number of a bit, that bit: looked up more cheaply than shifted.
const BITS: [u8; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// The place of a gram: index of its byte, and which bit of that. The gram is in the low bytes of
/// `word`; the bit goes by the low bits of its first byte, which are at hand.
#[inline]
fn place<const N: usize, const GRAM: usize>(word: u32) -> (usize, u8) {
    let hash = (word << (32 - 8 * GRAM)).wrapping_mul(MIX);
    let bit = BITS.get((word & 7) as usize).copied().unwrap_or(0);
    ((hash >> (32 - const { N.ilog2() })) as usize, bit)
}

/// What is not zero if a gram is flagged.
#[inline]
fn flag<const N: usize, const GRAM: usize>(table: &[u8; N], word: u32) -> u8 {
    let (index, bit) = place::<N, GRAM>(word);
    table.get(index).map_or(0, |byte| byte & bit)
}

/// The word at index `at` of a block.
#[inline]
fn load(block: &[u8], at: usize) -> u32 {
    let word = block.get(at..).and_then(|rest| rest.first_chunk::<4>());
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

/// Goes on from block to block until a sample of one is flagged, which is when what `flag` makes of
/// its word is not zero; its index and the flags, the first sample's lowest. Without flags it is the
/// index after the last whole block.
#[inline(always)]
fn next<const STRIDE: usize>(bytes: &[u8], from: usize, flag: impl Fn(u32) -> u8) -> (usize, u32) {
    let mut at = from;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.get(..block_len(STRIDE))) {
        let mut any = 0;
        for sample in 0..Flags::SAMPLES {
            any |= flag(load(block, sample * STRIDE));
        }
        if any != 0 {
            let one = |sample| u32::from(flag(load(block, sample * STRIDE)) != 0) << sample;
            return (at, (0..Flags::SAMPLES).map(one).sum());
        }
        at += Flags::SAMPLES * STRIDE;
    }
    (at, 0)
}

fn next_of<const N: usize, const GRAM: usize, const STRIDE: usize>(
    table: &[u8],
    bytes: &[u8],
    from: usize,
    fold: u32,
) -> (usize, u32) {
    // Without its table a tier would find nothing, so each is made and loaded in full.
    let Ok(table) = <&[u8; N]>::try_from(table) else { return (from, 0) };
    if fold == 0 {
        next_folded::<N, GRAM, STRIDE, 0>(table, bytes, from)
    } else {
        next_folded::<N, GRAM, STRIDE, FOLD>(table, bytes, from)
    }
}

#[inline(never)]
fn next_folded<const N: usize, const GRAM: usize, const STRIDE: usize, const FOLD: u32>(
    table: &[u8; N],
    bytes: &[u8],
    from: usize,
) -> (usize, u32) {
    next::<STRIDE>(bytes, from, |word| flag::<N, GRAM>(table, word | FOLD))
}

#[inline(never)]
fn next_pair(table: &[u8], bytes: &[u8], from: usize, fold: u32) -> (usize, u32) {
    let Ok(table) = <&[u8; PAIRS]>::try_from(table) else { return (from, 0) };
    next::<1>(bytes, from, |word| table.get(pair(word | fold)).copied().unwrap_or(0))
}

/// The pair that `word` begins with.
#[inline]
fn pair(word: u32) -> usize {
    (word & 0xFFFF) as usize
}

impl Flags {
    /// Samples of a block.
    pub(crate) const SAMPLES: usize = 8;

    /// The flags of `grams` of so many bytes each.
    pub(crate) fn new(gram: usize, grams: impl ExactSizeIterator<Item = u32>) -> Self {
        let size = match (gram, grams.len()) {
            (..=2, _) => Size::Pairs,
            (_, 0..=4_096) => Size::Small,
            (_, 4_097..=32_768) => Size::Medium,
            (_, 32_769..=131_072) => Size::Large,
            _ => Size::Huge,
        };
        let mut table = vec![0; size.bytes()];
        for word in grams {
            let (index, bit) = match (size, gram) {
                (Size::Pairs, _) => (pair(word), 1),
                (Size::Small, 4) => place::<SMALL, 4>(word),
                (Size::Small, _) => place::<SMALL, 3>(word),
                (Size::Medium, 4) => place::<MEDIUM, 4>(word),
                (Size::Medium, _) => place::<MEDIUM, 3>(word),
                (Size::Large, 4) => place::<LARGE, 4>(word),
                (Size::Large, _) => place::<LARGE, 3>(word),
                (Size::Huge, 4) => place::<HUGE, 4>(word),
                (Size::Huge, _) => place::<HUGE, 3>(word),
            };
            if let Some(byte) = table.get_mut(index) {
                *byte |= bit;
            }
        }
        Self { gram, size, table: table.into() }
    }

    /// Whether they are those of grams of so many bytes.
    pub(crate) const fn is_of(&self, gram: usize) -> bool {
        self.gram == gram
    }

    /// How far apart samples of grams of this length are.
    const fn stride(&self) -> usize {
        match self.gram {
            4 => 5,
            3 => 2,
            _ => 1,
        }
    }

    /// Whether a whole block begins at index `at`.
    pub(crate) fn is_block(&self, bytes: &[u8], at: usize) -> bool {
        bytes.len().saturating_sub(at) >= block_len(self.stride())
    }

    /// The next block, from index `from` on, some sample of which is flagged, and which ones are,
    /// the first sample lowest; the index after the last whole block if none is.
    #[inline]
    pub(crate) fn next(&self, bytes: &[u8], from: usize, fold: u32) -> (usize, u32) {
        let table = &self.table;
        match (self.size, self.gram) {
            (Size::Pairs, _) => next_pair(table, bytes, from, fold),
            (Size::Small, 4) => next_of::<SMALL, 4, 5>(table, bytes, from, fold),
            (Size::Small, _) => next_of::<SMALL, 3, 2>(table, bytes, from, fold),
            (Size::Medium, 4) => next_of::<MEDIUM, 4, 5>(table, bytes, from, fold),
            (Size::Medium, _) => next_of::<MEDIUM, 3, 2>(table, bytes, from, fold),
            (Size::Large, 4) => next_of::<LARGE, 4, 5>(table, bytes, from, fold),
            (Size::Large, _) => next_of::<LARGE, 3, 2>(table, bytes, from, fold),
            (Size::Huge, 4) => next_of::<HUGE, 4, 5>(table, bytes, from, fold),
            (Size::Huge, _) => next_of::<HUGE, 3, 2>(table, bytes, from, fold),
        }
    }

    /// Writes them: to `bulk` but for what tells where all of it is there.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        (self.gram, self.size).store(out);
        store_bulk(&self.table, out, bulk);
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let (gram, size): (usize, Size) = Stored::load(input)?;
        let table = load_bulk(input, bulk)?;
        let is_pair = gram == 2 && size == Size::Pairs;
        let is_of_gram = is_pair || matches!(gram, 3 | 4) && size != Size::Pairs;
        let fits = is_of_gram && table.len() == size.bytes();
        fits.then_some(Self { gram, size, table })
    }
}

stored_enum!(Size { 0 => Small, 1 => Medium, 2 => Large, 3 => Huge, 4 => Pairs });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gram_is_flagged_and_few_others_are() {
        for (gram, count) in [(4, 4_000), (4, 60_000), (4, 200_000), (3, 100), (2, 100)] {
            let mask = u32::MAX >> (32 - 8 * gram as u32);
            let gram_of = |n: u32| n.wrapping_mul(0x85EB_CA6B) & mask;
            let grams: Vec<u32> = (1..=count).map(gram_of).collect();
            let flags = Flags::new(gram, grams.iter().copied());
            let stride = flags.stride();
            let mut bytes = vec![0; block_len(stride)];
            let mut others = 0;
            for gram_value in &grams {
                bytes[3 * stride..3 * stride + 4].copy_from_slice(&gram_value.to_le_bytes());
                let (at, flagged) = flags.next(&bytes, 0, 0);
                assert!(at == 0 && flagged >> 3 & 1 == 1, "{gram_value:x} of {gram}");
                others += (flagged & !(1 << 3)).count_ones();
            }
            assert!(others < 8 * count, "{others} of {count}");
        }
    }
}
