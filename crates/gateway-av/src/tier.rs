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

use bytes::Bytes;

use crate::flags::Flags;
use crate::image::{Input, Stored, Words, load_bulk, store_bulk, stored_enum};
use crate::literal::{Key, Keys, Literal, WIDTHS, Width, little_endian};
use crate::segment::Segment;
use crate::target::Target;

/// Factor of multiplicative hashing: the golden ratio in 64 bits.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The bit by which letters of different case differ, in every byte.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// When a literal is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// In every byte.
    Always,
    /// Behind the segment that comes before its own in the body. Most parts have none of those, so
    /// that short segments behind a long one cost nothing.
    InTurn,
}

/// The literals of one width, of all targets.
#[derive(Debug)]
pub(crate) struct Tier {
    pub(crate) when: When,
    gram: usize,
    stride: usize,
    gram_mask: u64,
    /// What every byte is combined with before it is compared: bits that do not count.
    fold: u64,
    /// By the hash of a gram: two bits for whether a literal has it. Words of 64 bits.
    bits: Bytes,
    bits_shift: u32,
    /// By bucket: where its entries begin; one more at the end.
    buckets: Words,
    buckets_shift: u32,
    /// Number of a segment, and at which place of its literal the gram is, in the low bits.
    entries: Words,
}

/// Bits of an entry for the place of the gram.
const PLACE_BITS: u32 = 3;

/// The place of a gram that begins one byte before its literal.
const PLACE_BEFORE: u32 = (1 << PLACE_BITS) - 1;

/// Bits of the table for each gram: two are set.
const BITS_FOR_GRAM: usize = 16;

/// A literal that is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'a> {
    pub(crate) literal: Literal,
    pub(crate) segment: &'a Segment,
    /// That of the segment.
    pub(crate) number: u32,
    pub(crate) target: Target,
    pub(crate) when: When,
}

impl Sought<'_> {
    /// Shows each gram of the literal, with its place.
    fn grams(&self, width: Width, fold: u64, mut show: impl FnMut(u64, u32)) {
        let literal = &self.literal;
        let mask = u64::MAX >> (64 - 8 * width.gram);
        let bytes = little_endian(literal.bytes(self.segment)) | fold;
        for place in 0..usize::from(literal.len) + 1 - width.gram {
            show(bytes >> (8 * place) & mask, place as u32);
        }
        if literal.len == 3 {
            let any = (0..=u64::from(u8::MAX)).filter(|first| first & fold == fold & 0xFF);
            any.for_each(|first| show((bytes << 8 | first) & mask, PLACE_BEFORE));
        }
    }
}

/// A tier, and by target the flags of what of it is for that; `None` where nothing is.
pub(crate) type Flagged = (Tier, Vec<Option<Flags>>);

impl Tier {
    /// The tiers that all literals make up. Puts the key of each into `keys`, by number.
    pub(crate) fn build(
        literals: &[Sought<'_>],
        targets: &[Target],
        keys: &mut [Key],
    ) -> Vec<Flagged> {
        let [wide, short, _, pair] = WIDTHS;
        let mut tiers = Vec::new();
        for when in [When::Always, When::InTurn] {
            for (width, lens) in [(wide, 8..=8u8), (short, 3..=4), (pair, 2..=2)] {
                for (folded, fold) in [(false, 0), (true, FOLD)] {
                    let all = literals.iter().filter(|one| one.when == when);
                    let all = all.map(|one| match (one.when, one.literal.len) {
                        (When::InTurn, ..8) => Sought { literal: one.literal.pair(), ..*one },
                        _ => *one,
                    });
                    let is_meant = |one: &Sought<'_>| {
                        lens.contains(&one.literal.len) && one.literal.folded == folded
                    };
                    let all: Vec<_> = all.filter(is_meant).collect();
                    for one in &all {
                        if let Some(key) = keys.get_mut(one.number as usize) {
                            *key = one.literal.key(one.segment, one.target, fold);
                        }
                    }
                    if !all.is_empty() {
                        let flags = targets.iter().map(|target| flags(width, fold, *target, &all));
                        tiers.push((Self::new(when, width, fold, &all), flags.collect()));
                    }
                }
            }
        }
        tiers
    }

    fn new(when: When, width: Width, fold: u64, literals: &[Sought<'_>]) -> Self {
        let mut grams = Vec::with_capacity(literals.len() * width.stride());
        for one in literals {
            one.grams(width, fold, |gram, place| {
                grams.push((gram, one.number << PLACE_BITS | place));
            });
        }
        let bits = grams.len().saturating_mul(BITS_FOR_GRAM).next_power_of_two();
        let bits = bits.ilog2().clamp(12, 23);
        let buckets = (grams.len() / 2).next_power_of_two().ilog2().clamp(4, 18);
        let mut tier = Self {
            when,
            gram: width.gram,
            stride: width.stride(),
            gram_mask: u64::MAX >> (64 - 8 * width.gram),
            fold,
            bits: Bytes::new(),
            bits_shift: 64 - bits,
            buckets: Words::default(),
            buckets_shift: 64 - buckets,
            entries: Words::default(),
        };
        tier.fill(&grams, 1 << (bits - 6), 1 << buckets);
        tier
    }

    /// Puts entries into `count` buckets, those of one bucket in the order of `grams`, and their
    /// bits into so many words.
    fn fill(&mut self, grams: &[(u64, u32)], words: usize, count: usize) {
        let mut all_bits = vec![0u64; words];
        let mut starts = vec![0u32; count + 1];
        for (gram, _) in grams {
            let hash = gram.wrapping_mul(MIX);
            let (word, bits) = self.slot(hash);
            if let Some(word) = all_bits.get_mut(word) {
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
        self.bits = all_bits.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>().into();
        self.buckets = starts.into_iter().collect();
        self.entries = entries.into_iter().collect();
    }

    /// Where a gram has its bits, two in one word.
    #[inline]
    fn slot(&self, hash: u64) -> (usize, u64) {
        let index = (hash >> self.bits_shift >> 6) as usize;
        let second = hash >> (self.bits_shift - 6);
        (index, 1 << (hash >> self.bits_shift & 63) | 1 << (second & 63))
    }

    /// Takes samples of `bytes`, the first one at index `from`, as long as there are whole grams,
    /// and gives `hit` each literal for `target` that may lie there: the number of its segment, its
    /// key, and the index at which its *piece* begins. Returns the index of the next sample.
    /// `flags` are those of the tier for the target, `keys` those of all segments.
    pub(crate) fn scan(
        &self,
        flags: &Flags,
        keys: &Keys,
        target: Target,
        bytes: &[u8],
        from: usize,
        hit: &mut impl FnMut(u32, &Key, usize),
    ) -> usize {
        let mut at = from;
        let fold = self.fold as u32;
        while at.saturating_add(self.gram) <= bytes.len() {
            let (block, flagged) = flags.next(bytes, at, fold);
            at = block;
            let mut flagged = flagged;
            while flagged != 0 {
                let sample = at + self.stride * flagged.trailing_zeros() as usize;
                flagged &= flagged - 1;
                self.sample(keys, target, bytes, sample, hit);
            }
            if flags.is_block(bytes, at) {
                at += Flags::SAMPLES * self.stride;
                continue;
            }
            while at.saturating_add(self.gram) <= bytes.len() {
                self.sample(keys, target, bytes, at, hit);
                at += self.stride;
            }
        }
        at
    }

    /// Looks at one sample.
    #[inline(never)]
    fn sample(
        &self,
        keys: &Keys,
        target: Target,
        bytes: &[u8],
        at: usize,
        hit: &mut impl FnMut(u32, &Key, usize),
    ) {
        let word = little_endian(bytes.get(at..).unwrap_or_default());
        let hash = ((word | self.fold) & self.gram_mask).wrapping_mul(MIX);
        let (word, bits) = self.slot(hash);
        let word = self.bits.as_chunks().0.get(word).map_or(0, |word| u64::from_le_bytes(*word));
        if word & bits != bits {
            return;
        }
        let bucket = (hash >> self.buckets_shift) as usize;
        let (Some(from), Some(to)) = (self.buckets.at(bucket), self.buckets.at(bucket + 1)) else {
            return;
        };
        let mut last = None;
        for entry in self.entries.range(from as usize..to as usize) {
            // Grams with any first byte are many that say the same, one behind the other.
            if last.replace(entry) == Some(entry) {
                continue;
            }
            let number = entry >> PLACE_BITS;
            let Some(key) = keys.at(number) else { continue };
            let begin = match entry & ((1 << PLACE_BITS) - 1) {
                PLACE_BEFORE => at.checked_add(1),
                place => at.checked_sub(place as usize),
            };
            if let Some(piece) = begin.and_then(|begin| key.meets(bytes, begin, self.fold))
                && key.is_for(target)
            {
                hit(number, &key, piece);
            }
        }
    }

    /// Writes it: to `bulk` but for what tells where all of it is there.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        (self.when, self.gram, self.fold).store(out);
        store_bulk(&self.bits, out, bulk);
        store_bulk(self.buckets.bytes(), out, bulk);
        store_bulk(self.entries.bytes(), out, bulk);
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let (when, gram, fold): (When, usize, u64) = Stored::load(input)?;
        let width = WIDTHS.iter().find(|width| width.gram == gram)?;
        let bits = load_bulk(input, bulk)?;
        let buckets = Words::new(load_bulk(input, bulk)?)?;
        let entries = Words::new(load_bulk(input, bulk)?)?;
        let count = buckets.len().checked_sub(1)?;
        let fits = (fold == 0 || fold == FOLD)
            && bits.len().is_power_of_two()
            && (1 << 9..=1 << 20).contains(&bits.len())
            && count.is_power_of_two()
            && (1 << 4..=1 << 18).contains(&count);
        fits.then(|| Self {
            when,
            gram,
            stride: width.stride(),
            gram_mask: u64::MAX >> (64 - 8 * gram),
            fold,
            bits_shift: 64 - 3 - bits.len().ilog2(),
            buckets_shift: 64 - count.ilog2(),
            bits,
            buckets,
            entries,
        })
    }

    /// Whether `flags` tell of its grams.
    pub(crate) const fn fits(&self, flags: &Flags) -> bool {
        flags.is_of(self.gram)
    }
}

/// The flags of those of `literals` that are for `target`.
fn flags(width: Width, fold: u64, target: Target, literals: &[Sought<'_>]) -> Option<Flags> {
    let mut grams = Vec::new();
    for one in literals.iter().filter(|one| target.includes(one.target)) {
        one.grams(width, fold, |gram, _| grams.push(gram as u32));
    }
    (!grams.is_empty()).then(|| Flags::new(width.gram, grams.into_iter()))
}

stored_enum!(When { 0 => Always, 1 => InTurn });
