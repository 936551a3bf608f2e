//! A filter of sampled grams: where in a stretch of bytes may one of many literals lie?
//!
//! The literals of one width make up a [`Tier`]: it looks at a *gram* of a few bytes at every n-th
//! position only, where n is so small that every literal covers one of these positions whole, and
//! asks a table of bits whether some literal has that gram at any of its first n places. Samples
//! do not depend on one another, so a processor works on several of them at a time; and most bytes
//! are looked at once or never. What the table lets through has to pass another one, and is then
//! compared with the first 8 bytes of the literals that have the gram; what is left is for the
//! caller to compare.
//!
//! There are three tiers, and as many without regard to the case of letters: of eight bytes and
//! more, every fifth position; of three to seven bytes, every other one; of two bytes, all of them.

use crate::flags::Flags;
use crate::image::{Input, Stored};
use crate::literal::{Key, Literal, WIDTHS, Width, little_endian};
use crate::segment::Segment;

/// Factor of multiplicative hashing: the golden ratio in 64 bits.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The bit by which letters of different case differ, in every byte.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// The literals of one width.
#[derive(Debug)]
pub(crate) struct Tier {
    gram: usize,
    stride: usize,
    gram_mask: u64,
    /// What every byte is combined with before it is compared: bits that do not count.
    fold: u64,
    /// What is asked of every sample.
    flags: Flags,
    /// By the hash of a gram: two bits for whether a literal has it.
    bits: Box<[u64]>,
    bits_shift: u32,
    /// By bucket: where its entries begin; one more at the end.
    buckets: Box<[u32]>,
    buckets_shift: u32,
    /// Number of a segment, and at which place of its literal the gram is, in the low bits.
    entries: Box<[u32]>,
}

/// Bits of an entry for the place of the gram.
const PLACE_BITS: u32 = 3;

/// The place of a gram that begins one byte before its literal.
const PLACE_BEFORE: u32 = (1 << PLACE_BITS) - 1;

/// Bits of the table for each gram: two are set.
const BITS_FOR_GRAM: usize = 16;

/// A literal of a segment, with the number of that.
pub(crate) type Numbered<'a> = (Literal, &'a Segment, u32);

impl Tier {
    /// The tiers that `literals` make up. Puts the key of each into `keys`, by number.
    pub(crate) fn build(literals: &[Numbered<'_>], keys: &mut [Key]) -> Vec<Self> {
        let [wide, short, _, pair] = WIDTHS;
        let mut tiers = Vec::new();
        for (width, lens) in [(wide, 8..=8u8), (short, 3..=4), (pair, 2..=2)] {
            for (folded, fold) in [(false, 0), (true, FOLD)] {
                let is_meant =
                    |one: &&Numbered<'_>| lens.contains(&one.0.len) && one.0.folded == folded;
                let all: Vec<_> = literals.iter().filter(is_meant).collect();
                for (literal, segment, number) in &all {
                    if let Some(key) = keys.get_mut(*number as usize) {
                        *key = literal.key(segment, fold);
                    }
                }
                if !all.is_empty() {
                    tiers.push(Self::new(width, fold, &all));
                }
            }
        }
        tiers
    }

    fn new(width: Width, fold: u64, literals: &[&Numbered<'_>]) -> Self {
        let gram_mask = u64::MAX >> (64 - 8 * width.gram);
        let mut grams = Vec::with_capacity(literals.len() * width.stride());
        for (literal, segment, number) in literals {
            let bytes = little_endian(literal.bytes(segment)) | fold;
            for place in 0..usize::from(literal.len) + 1 - width.gram {
                let gram = bytes >> (8 * place) & gram_mask;
                grams.push((gram, number << PLACE_BITS | place as u32));
            }
            if literal.len == 3 {
                let any = (0..=u64::from(u8::MAX)).filter(|first| first & fold == fold & 0xFF);
                let entry = number << PLACE_BITS | PLACE_BEFORE;
                grams.extend(any.map(|first| ((bytes << 8 | first) & gram_mask, entry)));
            }
        }
        let bits = grams.len().saturating_mul(BITS_FOR_GRAM).next_power_of_two();
        let bits = bits.ilog2().clamp(12, 23);
        let buckets = (grams.len() / 2).next_power_of_two().ilog2().clamp(4, 18);
        let mut tier = Self {
            gram: width.gram,
            stride: width.stride(),
            gram_mask,
            fold,
            flags: Flags::new(width.gram, grams.iter().map(|(gram, _)| *gram as u32)),
            bits: vec![0; 1 << (bits - 6)].into(),
            bits_shift: 64 - bits,
            buckets: Box::default(),
            buckets_shift: 64 - buckets,
            entries: Box::default(),
        };
        tier.fill(&grams, 1 << buckets);
        tier
    }

    /// Puts entries into `count` buckets, those of one bucket in the order of `grams`.
    fn fill(&mut self, grams: &[(u64, u32)], count: usize) {
        let mut starts = vec![0u32; count + 1];
        for (gram, _) in grams {
            let hash = gram.wrapping_mul(MIX);
            let (word, bits) = self.slot(hash);
            if let Some(word) = self.bits.get_mut(word) {
                *word |= bits;
            }
            if let Some(start) = starts.get_mut((hash >> self.buckets_shift) as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut entries = vec![0; grams.len()];
        for (gram, entry) in grams {
            let hash = gram.wrapping_mul(MIX);
            let Some(next) = next.get_mut((hash >> self.buckets_shift) as usize) else { continue };
            if let Some(place) = entries.get_mut(*next as usize) {
                *place = *entry;
            }
            *next += 1;
        }
        self.buckets = starts.into();
        self.entries = entries.into();
    }

    /// Where a gram has its bits, two in one word.
    #[inline]
    fn slot(&self, hash: u64) -> (usize, u64) {
        let index = (hash >> self.bits_shift >> 6) as usize;
        let second = hash >> (self.bits_shift - 6);
        (index, 1 << (hash >> self.bits_shift & 63) | 1 << (second & 63))
    }

    /// Takes samples of `bytes`, the first one at index `from`, as long as there are whole grams,
    /// and gives `hit` each literal that may lie there: the number of its segment, its key, and the
    /// index at which its *piece* begins. Returns the index of the next sample. `keys` are those
    /// of all segments.
    pub(crate) fn scan(
        &self,
        keys: &[Key],
        bytes: &[u8],
        from: usize,
        hit: &mut impl FnMut(u32, &Key, usize),
    ) -> usize {
        let mut at = from;
        let fold = self.fold as u32;
        while at.saturating_add(self.gram) <= bytes.len() {
            let (block, flagged) = self.flags.next(bytes, at, fold);
            at = block;
            let mut flagged = flagged;
            while flagged != 0 {
                let sample = at + self.stride * flagged.trailing_zeros() as usize;
                flagged &= flagged - 1;
                self.sample(keys, bytes, sample, hit);
            }
            if self.flags.is_block(bytes, at) {
                at += Flags::SAMPLES * self.stride;
                continue;
            }
            while at.saturating_add(self.gram) <= bytes.len() {
                self.sample(keys, bytes, at, hit);
                at += self.stride;
            }
        }
        at
    }

    /// Looks at one sample.
    #[inline(never)]
    fn sample(
        &self,
        keys: &[Key],
        bytes: &[u8],
        at: usize,
        hit: &mut impl FnMut(u32, &Key, usize),
    ) {
        let word = little_endian(bytes.get(at..).unwrap_or_default());
        let hash = ((word | self.fold) & self.gram_mask).wrapping_mul(MIX);
        let (word, bits) = self.slot(hash);
        if self.bits.get(word).is_none_or(|word| word & bits != bits) {
            return;
        }
        let bucket = (hash >> self.buckets_shift) as usize;
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return;
        };
        let mut last = None;
        for entry in self.entries.get(*from as usize..*to as usize).unwrap_or_default() {
            // Grams with any first byte are many that say the same, one behind the other.
            if last.replace(*entry) == Some(*entry) {
                continue;
            }
            let number = entry >> PLACE_BITS;
            let Some(key) = keys.get(number as usize) else { continue };
            let begin = match entry & ((1 << PLACE_BITS) - 1) {
                PLACE_BEFORE => at.checked_add(1),
                place => at.checked_sub(place as usize),
            };
            if let Some(piece) = begin.and_then(|begin| key.meets(bytes, begin, self.fold)) {
                hit(number, key, piece);
            }
        }
    }
}

impl Stored for Tier {
    fn store(&self, out: &mut Vec<u8>) {
        (self.gram, self.fold).store(out);
        self.flags.store(out);
        self.bits.store(out);
        self.buckets.store(out);
        self.entries.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (gram, fold): (usize, u64) = Stored::load(input)?;
        let width = WIDTHS.iter().find(|width| width.gram == gram)?;
        let flags = Flags::load(input)?;
        let (bits, buckets): (Box<[u64]>, Box<[u32]>) =
            (Stored::load(input)?, Stored::load(input)?);
        let count = buckets.len().checked_sub(1)?;
        let fits = flags.is_of(gram)
            && (fold == 0 || fold == FOLD)
            && bits.len().is_power_of_two()
            && (1 << 6..=1 << 17).contains(&bits.len())
            && count.is_power_of_two()
            && (1 << 4..=1 << 18).contains(&count);
        fits.then_some(Self {
            gram,
            stride: width.stride(),
            gram_mask: u64::MAX >> (64 - 8 * gram),
            fold,
            flags,
            bits_shift: 64 - 6 - bits.len().ilog2(),
            buckets_shift: 64 - count.ilog2(),
            bits,
            buckets,
            entries: Stored::load(input)?,
        })
    }
}
