//! A filter of sampled grams: where in a stretch of bytes may one of many literals lie?
//!
//! A segment of a signature stands in by one [`Literal`]. The literals of one width make up a
//! [`Tier`]: it looks at a *gram* of a few bytes at every n-th position only, where n is so small
//! that every literal covers one of these positions whole, and asks a table of bits whether some
//! literal has that gram at any of its first n places. Samples do not depend on one another, so
//! a processor works on several of them at a time; and most bytes are looked at once or never.
//! What the table lets through is compared with the first 8 bytes of the literals that have the
//! gram; what is left is for the caller to compare.

use crate::segment::Segment;

/// Factor of multiplicative hashing: the golden ratio in 64 bits.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// The bit by which letters of different case differ, in every byte.
pub(crate) const FOLD: u64 = 0x2020_2020_2020_2020;

/// Bytes at the beginning of a segment in which its literal lies if it can: until a literal is
/// complete, each place at which its segment may have begun is compared with all of them.
const NEAR: usize = 64;

/// A width of literals: how long the gram is that is looked for, at how many places of it, and how
/// many different bytes each gram must have to be worth looking for.
#[derive(Clone, Copy, Debug)]
struct Width {
    len: usize,
    gram: usize,
    different_min: usize,
}

/// Of eight bytes on they make up tiers; shorter ones are looked for at every position.
const WIDTHS: [Width; 5] = [
    Width { len: 16, gram: 6, different_min: 4 },
    Width { len: 8, gram: 4, different_min: 3 },
    Width { len: 4, gram: 4, different_min: 3 },
    Width { len: 3, gram: 3, different_min: 2 },
    Width { len: 2, gram: 2, different_min: 2 },
];

/// How many of the widths make up tiers, and are taken before shorter ones, wherever their
/// literals lie.
const WIDE: usize = 2;

/// A stretch of known bytes that stands in for its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    /// The piece that it lies in, and where in that.
    piece: usize,
    at: usize,
    /// One of the [widths](WIDTHS).
    len: usize,
    /// Whether the case of letters does not count.
    folded: bool,
}

impl Literal {
    /// The best literal of `segment`: a wide one before a short one, near the beginning before
    /// further on, and of those the widest, the first. If none is selective, the widest.
    pub(crate) fn of(segment: &Segment) -> Option<Self> {
        let near = |literal: &Self| literal.end_max(segment) <= NEAR;
        let selective = |width: Width| {
            let all = Self::of_width(segment, width);
            all.filter(move |literal| literal.is_selective(segment, width))
        };
        let find = |widths: &[Width], accept: &dyn Fn(&Self) -> bool| {
            widths.iter().find_map(|width| selective(*width).find(accept))
        };
        let (wide, short) = WIDTHS.split_at(WIDE);
        find(wide, &near)
            .or_else(|| find(wide, &|_| true))
            .or_else(|| find(short, &near))
            .or_else(|| find(short, &|_| true))
            .or_else(|| WIDTHS.iter().find_map(|width| Self::of_width(segment, *width).next()))
    }

    /// All stretches of a width: first those that are known to the bit.
    fn of_width(segment: &Segment, width: Width) -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(move |folded| {
            segment.pieces().enumerate().flat_map(move |(piece, bytes)| {
                let runs = if folded { bytes.folded_runs() } else { bytes.literal_runs() };
                runs.into_iter().flat_map(move |run| {
                    let last = (run.end + 1).saturating_sub(width.len);
                    (run.start..last).map(move |at| Self { piece, at, len: width.len, folded })
                })
            })
        })
    }

    fn is_selective(&self, segment: &Segment, width: Width) -> bool {
        let bytes = self.bytes(segment);
        bytes.windows(width.gram).all(|gram| different(gram) >= width.different_min)
    }

    fn bytes<'a>(&self, segment: &'a Segment) -> &'a [u8] {
        let piece = segment.pieces().nth(self.piece);
        piece.map_or(&[], |piece| piece.values(self.at..self.at + self.len))
    }

    pub(crate) fn is_short(&self) -> bool {
        self.len < 8
    }

    pub(crate) fn is_folded(&self) -> bool {
        self.folded
    }

    /// What is compared first of the literal, of segment `number`.
    pub(crate) fn key(&self, segment: &Segment, number: u32, fold: u64) -> Key {
        let bytes = self.bytes(segment);
        let len = bytes.len().min(8) as u32;
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Key {
            bytes: (little_endian(bytes) | fold) & u64::MAX.checked_shr(64 - 8 * len).unwrap_or(0),
            len,
            segment: number,
            piece: narrow(self.piece),
            at: narrow(self.at),
        }
    }

    /// How many bytes of the segment there are at most up to the end of the literal.
    pub(crate) fn end_max(&self, segment: &Segment) -> usize {
        segment.len_max_before(self.piece) + self.at + self.len
    }
}

/// How many different values `bytes` hold.
fn different(bytes: &[u8]) -> usize {
    let is_new = |(index, byte): (usize, &u8)| !bytes.iter().take(index).any(|one| one == byte);
    bytes.iter().enumerate().filter(|one| is_new(*one)).count()
}

/// A literal that may lie at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its first bytes, up to 8, the first one lowest; folded if the case does not count.
    pub(crate) bytes: u64,
    /// How many they are.
    len: u32,
    /// Whose literal it is.
    pub(crate) segment: u32,
    /// The piece that it lies in.
    pub(crate) piece: u32,
    /// Where it lies in that piece.
    pub(crate) at: u32,
}

impl Key {
    /// Gives `hit` the literal and where its piece begins, if it may lie at index `begin`. At the
    /// end of the bytes only those that are there are compared.
    pub(crate) fn meets(
        &self,
        bytes: &[u8],
        begin: usize,
        fold: u64,
        hit: &mut impl FnMut(&Self, usize),
    ) {
        let rest = bytes.get(begin..).unwrap_or_default();
        let len = rest.len().min(self.len as usize) as u32;
        let mask = u64::MAX.checked_shr(64 - 8 * len).unwrap_or(0);
        if ((little_endian(rest) | fold) ^ self.bytes) & mask == 0
            && let Some(piece) = begin.checked_sub(self.at as usize)
        {
            hit(self, piece);
        }
    }
}

/// The literals of one width.
#[derive(Debug)]
pub(crate) struct Tier {
    gram_mask: u64,
    /// What every byte is combined with before it is compared: bits that do not count.
    fold: u64,
    gram: usize,
    stride: usize,
    /// By the hash of a gram: two bits for whether a literal has it.
    bits: Box<[u64]>,
    bits_shift: u32,
    /// By bucket: where its entries begin; one more at the end.
    buckets: Box<[u32]>,
    buckets_shift: u32,
    /// Index of a key, and at which place of the literal the gram is, in the low bits.
    entries: Box<[u32]>,
    keys: Box<[Key]>,
}

/// Bits of an entry for the place of the gram.
const PLACE_BITS: u32 = 4;

impl Tier {
    /// The tiers that `literals` of segments, each with its number, make up.
    pub(crate) fn build(literals: &[(Literal, &Segment, u32)]) -> Vec<Self> {
        let mut tiers = Vec::new();
        let widths = WIDTHS.into_iter().take(WIDE);
        for (width, folded) in widths.flat_map(|width| [(width, false), (width, true)]) {
            let all = literals
                .iter()
                .filter(|(literal, _, _)| literal.len == width.len && literal.folded == folded);
            let all: Vec<_> = all.collect();
            if !all.is_empty() {
                tiers.push(Self::new(width, if folded { FOLD } else { 0 }, &all));
            }
        }
        tiers
    }

    fn new(width: Width, fold: u64, literals: &[&(Literal, &Segment, u32)]) -> Self {
        // The more literals, the fewer places of each are in the table, so that it fits the
        // cache; samples are the closer to one another.
        let places = width.len - width.gram + 1;
        let stride = match literals.len() {
            0..=20_000 => places,
            20_001..=50_000 => places.min(8),
            _ => places.min(6),
        };
        let grams = literals.len().saturating_mul(stride);
        let bits = grams.saturating_mul(32).next_power_of_two().ilog2().clamp(12, 23);
        let buckets = grams.next_power_of_two().ilog2().clamp(4, 20);
        let gram_mask = u64::MAX >> (64 - 8 * width.gram);
        let mut tier = Self {
            gram_mask,
            fold,
            gram: width.gram,
            stride,
            bits: vec![0; 1 << (bits - 6)].into(),
            bits_shift: 64 - bits,
            buckets: Box::default(),
            buckets_shift: 64 - buckets,
            entries: Box::default(),
            keys: Box::default(),
        };
        tier.fill(literals, 1 << buckets);
        tier
    }

    fn fill(&mut self, literals: &[&(Literal, &Segment, u32)], buckets: usize) {
        let mut keys = Vec::with_capacity(literals.len());
        let mut entries = Vec::with_capacity(literals.len() * self.stride);
        for ((literal, segment, number), index) in literals.iter().zip(0u32..) {
            let bytes = literal.bytes(segment);
            for place in 0..self.stride {
                let gram = bytes.get(place..place + self.gram).unwrap_or_default();
                let hash = self.hash(little_endian(gram));
                let (word, bits) = self.slot(hash);
                if let Some(word) = self.bits.get_mut(word) {
                    *word |= bits;
                }
                let bucket = (hash >> self.buckets_shift) as u32;
                entries.push((bucket, index << PLACE_BITS | place as u32));
            }
            keys.push(literal.key(segment, *number, self.fold));
        }
        entries.sort_unstable();
        let mut starts = Vec::with_capacity(buckets + 1);
        let mut start = 0;
        for bucket in 0..=buckets as u32 {
            start += entries.get(start..).unwrap_or_default().partition_point(|(b, _)| *b < bucket);
            starts.push(start as u32);
        }
        self.buckets = starts.into();
        self.entries = entries.into_iter().map(|(_, entry)| entry).collect();
        self.keys = keys.into();
    }

    /// The hash of the gram that `word` begins with.
    #[inline]
    fn hash(&self, word: u64) -> u64 {
        ((word | self.fold) & self.gram_mask).wrapping_mul(MIX)
    }

    /// Whether a literal has the gram that `word` begins with.
    #[inline]
    fn may_hold(&self, word: u64) -> bool {
        let (index, bits) = self.slot(self.hash(word));
        self.bits.get(index).is_some_and(|word| word & bits == bits)
    }

    /// Where a gram has its bits, two in one word.
    #[inline]
    fn slot(&self, hash: u64) -> (usize, u64) {
        let index = (hash >> self.bits_shift >> 6) as usize;
        let second = hash >> (self.bits_shift - 6);
        (index, 1 << (hash >> self.bits_shift & 63) | 1 << (second & 63))
    }

    /// Takes samples of `bytes`, the first one at index `from`, as long as there are whole grams,
    /// and gives `hit` each literal that may lie there, with the index at which its *piece*
    /// begins. Returns the index of the next sample.
    pub(crate) fn scan(
        &self,
        bytes: &[u8],
        from: usize,
        mut hit: impl FnMut(&Key, usize),
    ) -> usize {
        let mut at = from;
        loop {
            // The stride as a constant lets the compiler see that all loads are inside.
            at = match self.stride {
                11 => self.next_flagged::<11>(bytes, at),
                8 => self.next_flagged::<8>(bytes, at),
                6 => self.next_flagged::<6>(bytes, at),
                _ => self.next_flagged::<5>(bytes, at),
            };
            if at.saturating_add(self.gram) > bytes.len() {
                return at;
            }
            let word = little_endian(bytes.get(at..).unwrap_or_default());
            self.hits(bytes, at, word, &mut hit);
            at += self.stride;
        }
    }

    /// The index of the next sample that some literal may have; that of the first one that is not
    /// there if there is none.
    #[inline(never)]
    fn next_flagged<const STRIDE: usize>(&self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        // Four samples at a time, one branch for all of them.
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.get(..3 * STRIDE + 8)) {
            let may = |sample: usize| self.may_hold(load(block, sample * STRIDE));
            let all = [may(0), may(1), may(2), may(3)];
            if all[0] | all[1] | all[2] | all[3] {
                let first = all.iter().position(|may| *may).unwrap_or(0);
                return at + first * STRIDE;
            }
            at += 4 * STRIDE;
        }
        while at.saturating_add(self.gram) <= bytes.len() {
            if self.may_hold(little_endian(bytes.get(at..).unwrap_or_default())) {
                return at;
            }
            at += STRIDE;
        }
        at
    }

    #[cold]
    fn hits(&self, bytes: &[u8], at: usize, word: u64, hit: &mut impl FnMut(&Key, usize)) {
        let bucket = (self.hash(word) >> self.buckets_shift) as usize;
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return;
        };
        for entry in self.entries.get(*from as usize..*to as usize).unwrap_or_default() {
            let place = (entry & ((1 << PLACE_BITS) - 1)) as usize;
            let Some(key) = self.keys.get((entry >> PLACE_BITS) as usize) else { continue };
            let Some(begin) = at.checked_sub(place) else { continue };
            key.meets(bytes, begin, self.fold, hit);
        }
    }
}

/// The 8 bytes at index `at`, the first one lowest; 0 if they are not there.
#[inline]
fn load(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

/// The first bytes, up to 8, as a number: the first one lowest.
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::{CASE_MASK, Piece};
    use crate::segment::{Gap, Joint};

    /// A piece in which `?` is any byte and letters after `~` have no case.
    fn piece(pattern: &str) -> Piece {
        let mut folded = false;
        let mut bytes = Vec::new();
        for byte in pattern.bytes() {
            match byte {
                b'~' => folded = true,
                b'?' => bytes.push((0, 0)),
                byte if folded => bytes.push((byte.to_ascii_uppercase(), CASE_MASK)),
                byte => bytes.push((byte, 0xFF)),
            }
        }
        Piece::new(&bytes, Vec::new())
    }

    #[test]
    fn the_widest_selective_literal_near_the_beginning_is_taken() {
        let far = "?".repeat(70);
        for (pattern, literal, end) in [
            ("abcdefghijklmnopqrstuv", "abcdefghijklmnop", 16),
            ("??abcdefghijklmnop??", "abcdefghijklmnop", 18),
            ("abcdefgh?abcdef", "abcdefgh", 8),
            ("aaaaaaaaaaaaaaaaaaaaaaaaabcdefgh", "aabcdefg", 31),
            ("aaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", 16),
            ("aaaaaaaaaaab", "aab", 12),
            ("ab?cde", "cde", 6),
            (&format!("abcd{far}abcdefgh"), "abcdefgh", 82),
            (&format!("abcd{far}abcd"), "abcd", 4),
            (&format!("a{far}abcdefgh"), "abcdefgh", 79),
            ("~abcdefgh", "ABCDEFGH", 8),
        ] {
            let segment = Segment::new(Vec::new(), piece(pattern));
            let found = Literal::of(&segment).unwrap();
            let bytes = found.bytes(&segment);
            assert_eq!((bytes, found.end_max(&segment)), (literal.as_bytes(), end), "{pattern}");
        }
        assert_eq!(Literal::of(&Segment::new(Vec::new(), piece("a?b"))), None);
        let gap = Joint::Gap(Gap { min: 1, max: 3 });
        let segment = Segment::new(vec![(piece("ab"), gap)], piece("?cdefghij"));
        let literal = Literal::of(&segment).unwrap();
        assert_eq!((literal.piece, literal.at, literal.end_max(&segment)), (1, 1, 14));
    }

    proptest::proptest! {
        #[test]
        fn no_literal_is_passed_over(
            words in proptest::collection::vec("~?([ab]{2}|[a-c]{3}|[a-d]{4}|[a-g]{8}|[a-g]{16})", 1..20),
            plan in proptest::collection::vec((proptest::prelude::any::<u8>(), "[a-cA-C]{0,9}"), 0..20),
            cut in 0..300usize,
        ) {
            let mut text = String::new();
            for (which, filler) in plan {
                text += words[usize::from(which) % words.len()].trim_start_matches('~');
                text += &filler;
            }
            let segments: Vec<_> =
                words.iter().map(|word| Segment::new(Vec::new(), piece(word))).collect();
            let literals: Vec<_> = segments
                .iter()
                .zip(0u32..)
                .map(|(segment, number)| (Literal::of(segment).unwrap(), segment, number))
                .collect();
            let mut found = Vec::new();
            for tier in crate::filters::Filter::build(&literals) {
                // In two steps: what is sampled in the first is not in the second.
                let cut = cut.min(text.len());
                let next = tier.scan(&text.as_bytes()[..cut], 0, |key, at| found.push((at, key.segment)));
                tier.scan(text.as_bytes(), next, |key, at| found.push((at, key.segment)));
            }
            let is_at = |at: usize, number: u32| {
                segments[number as usize].first().is_at(text.as_bytes(), at)
            };
            found.retain(|(at, number)| is_at(*at, *number));
            found.sort_unstable();
            let all = (0..text.len()).flat_map(|at| (0..words.len() as u32).map(move |n| (at, n)));
            let expected: Vec<_> = all.filter(|(at, number)| is_at(*at, *number)).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
