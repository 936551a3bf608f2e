//! The first table that a sample is asked for in: one bit for each gram, and as large as the number
//! of grams asks for, so that it is near the processor if it can.

use crate::image::{Input, Stored};

/// Bits by a hash of grams, in words. There are few sizes, each known to the compiler, so that
/// what is asked of each sample is next to nothing.
#[derive(Debug)]
enum Table {
    /// 32 KiB: the first-level cache.
    Small(Box<[u32; 1 << 13]>),
    /// 128 KiB.
    Medium(Box<[u32; 1 << 15]>),
    /// 1 MiB.
    Large(Box<[u32; 1 << 18]>),
    /// For grams of two bytes a byte each, since all positions are asked for: 64 KiB.
    Pairs(Box<[u8; 1 << 16]>),
}

/// The flags of the grams of a tier.
#[derive(Debug)]
pub(crate) struct Flags {
    gram: usize,
    table: Table,
}

/// Factor of multiplicative hashing: the golden ratio in 32 bits.
const MIX: u32 = 0x9E37_79B1;

/// How many bytes a block takes, with room to read a word at its last sample.
const fn block_len(stride: usize) -> usize {
    (Flags::SAMPLES - 1) * stride + 4
}

/// The place of a gram: index of its word, and a number of which the low 5 bits are that of its
/// bit. The gram is in the low bytes of `word`.
#[inline]
fn place<const N: usize, const GRAM: usize>(word: u32) -> (usize, u32) {
    let hash = (word << (32 - 8 * GRAM)).wrapping_mul(MIX);
    let log = const { N.ilog2() };
    ((hash >> (32 - log)) as usize, hash >> (27 - log))
}

/// The bit of a gram, lowest.
#[inline]
fn bit<const N: usize, const GRAM: usize>(table: &[u32; N], word: u32) -> u32 {
    let (index, bit) = place::<N, GRAM>(word);
    table.get(index).map_or(0, |word| word.wrapping_shr(bit))
}

/// The word at index `at` of a block.
#[inline]
fn load(block: &[u8], at: usize) -> u32 {
    let word = block.get(at..).and_then(|rest| rest.first_chunk::<4>());
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

/// Goes on from block to block until a sample of one is flagged, which is when the lowest bit of
/// what `flag` makes of its word is set; its index and the flags, the first sample's lowest.
/// Without flags it is the index after the last whole block.
#[inline(always)]
fn next<const STRIDE: usize>(bytes: &[u8], from: usize, flag: impl Fn(u32) -> u32) -> (usize, u32) {
    let mut at = from;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.get(..block_len(STRIDE))) {
        let mut any = 0;
        for sample in 0..Flags::SAMPLES {
            any |= flag(load(block, sample * STRIDE));
        }
        if any & 1 != 0 {
            let one = |sample| (flag(load(block, sample * STRIDE)) & 1) << sample;
            return (at, (0..Flags::SAMPLES).map(one).sum());
        }
        at += Flags::SAMPLES * STRIDE;
    }
    (at, 0)
}

#[inline(never)]
fn next_of<const N: usize, const GRAM: usize, const STRIDE: usize>(
    table: &[u32; N],
    bytes: &[u8],
    from: usize,
    fold: u32,
) -> (usize, u32) {
    next::<STRIDE>(bytes, from, |word| bit::<N, GRAM>(table, word | fold))
}

#[inline(never)]
fn next_pair(table: &[u8; 1 << 16], bytes: &[u8], from: usize, fold: u32) -> (usize, u32) {
    next::<1>(bytes, from, |word| u32::from(table.get(pair(word | fold)).copied().unwrap_or(0)))
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
        let table = match (gram, grams.len()) {
            (..=2, _) => Table::Pairs(zeros()),
            (_, 0..=4_096) => Table::Small(zeros()),
            (_, 4_097..=32_768) => Table::Medium(zeros()),
            _ => Table::Large(zeros()),
        };
        let mut flags = Self { gram, table };
        grams.for_each(|word| flags.set(word));
        flags
    }

    /// Whether they are those of grams of so many bytes.
    pub(crate) const fn is_of(&self, gram: usize) -> bool {
        self.gram == gram
    }

    fn set(&mut self, word: u32) {
        match (&mut self.table, self.gram) {
            (Table::Small(table), 4) => set::<_, 4>(table, word),
            (Table::Small(table), _) => set::<_, 3>(table, word),
            (Table::Medium(table), 4) => set::<_, 4>(table, word),
            (Table::Medium(table), _) => set::<_, 3>(table, word),
            (Table::Large(table), 4) => set::<_, 4>(table, word),
            (Table::Large(table), _) => set::<_, 3>(table, word),
            (Table::Pairs(table), _) => {
                if let Some(flag) = table.get_mut(pair(word)) {
                    *flag = 1;
                }
            }
        }
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
        match (&self.table, self.gram) {
            (Table::Small(table), 4) => next_of::<_, 4, 5>(table, bytes, from, fold),
            (Table::Small(table), _) => next_of::<_, 3, 2>(table, bytes, from, fold),
            (Table::Medium(table), 4) => next_of::<_, 4, 5>(table, bytes, from, fold),
            (Table::Medium(table), _) => next_of::<_, 3, 2>(table, bytes, from, fold),
            (Table::Large(table), 4) => next_of::<_, 4, 5>(table, bytes, from, fold),
            (Table::Large(table), _) => next_of::<_, 3, 2>(table, bytes, from, fold),
            (Table::Pairs(table), _) => next_pair(table, bytes, from, fold),
        }
    }
}

fn set<const N: usize, const GRAM: usize>(table: &mut [u32; N], word: u32) {
    let (index, bit) = place::<N, GRAM>(word);
    if let Some(word) = table.get_mut(index) {
        *word |= 1u32.wrapping_shl(bit);
    }
}

fn zeros<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    let zeros = vec![T::default(); N].into_boxed_slice();
    zeros.try_into().unwrap_or_else(|_| Box::new([T::default(); N]))
}

impl Stored for Flags {
    fn store(&self, out: &mut Vec<u8>) {
        self.gram.store(out);
        match &self.table {
            Table::Small(table) => u32::store_all(&table[..], out),
            Table::Medium(table) => u32::store_all(&table[..], out),
            Table::Large(table) => u32::store_all(&table[..], out),
            Table::Pairs(table) => u8::store_all(&table[..], out),
        }
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let gram = usize::load(input)?;
        let table = match gram {
            2 => Table::Pairs(<Box<[u8]>>::load(input)?.try_into().ok()?),
            3 | 4 => {
                let words = <Box<[u32]>>::load(input)?;
                match words.len() {
                    0x2000 => Table::Small(words.try_into().ok()?),
                    0x8000 => Table::Medium(words.try_into().ok()?),
                    _ => Table::Large(words.try_into().ok()?),
                }
            }
            _ => return None,
        };
        Some(Self { gram, table })
    }
}

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
