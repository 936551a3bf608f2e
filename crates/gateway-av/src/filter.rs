//! A skip filter: where in a stretch of bytes may one of many literals end?
//!
//! A segment of a signature stands in by one [`Literal`] of 16, 8, 4 or 2 of its bytes; a [`Tier`]
//! holds those of one width. It looks at the last few bytes of the place at which a literal could end (a *gram*)
//! and reads from a table how far ahead the next such place can lie at the earliest (Wu and
//! Manber, "A fast algorithm for multi-pattern searching", 1994): in most content most bytes are
//! never looked at. Where the table says 0, the last 8 bytes are compared in full. What is left
//! is for the caller to compare.

use crate::segment::Piece;

/// Factors of multiplicative hashing: the golden ratio in 32 and 64 bits.
const MIX_32: u32 = 0x9E37_79B1;
const MIX_64: u64 = 0x9E37_79B9_7F4A_7C15;

/// Widths of literals, with the number of different bytes that make one selective.
const WIDTHS: [(usize, usize); 4] = [(16, 6), (8, 4), (4, 3), (2, 2)];

/// A stretch of literal bytes that stands in for its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal<'a> {
    /// 16, 8, 4 or 2 of them.
    pub(crate) bytes: &'a [u8],
    /// How many bytes of the piece lie behind it.
    pub(crate) after: usize,
}

impl<'a> Literal<'a> {
    /// The best literal of `piece`: the widest one that is selective, the latest of those, since
    /// what lies behind the literal has to be waited for. If none is selective, the widest.
    pub(crate) fn of(piece: &'a Piece) -> Option<Self> {
        let runs = piece.literal_runs();
        let of_width = |width: usize| {
            runs.iter().flat_map(move |(index, run)| {
                run.windows(width).enumerate().map(move |(at, bytes)| {
                    let end = index + at + width;
                    Self { bytes, after: piece.len() - end }
                })
            })
        };
        let selective = WIDTHS.iter().find_map(|(width, different_min)| {
            of_width(*width).rfind(|literal| different(literal.bytes) >= *different_min)
        });
        selective.or_else(|| WIDTHS.iter().find_map(|(width, _)| of_width(*width).next_back()))
    }
}

/// How many different values `bytes` hold.
fn different(bytes: &[u8]) -> usize {
    let mut seen = [0u64; 4];
    for byte in bytes {
        if let Some(word) = seen.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }
    seen.iter().map(|word| word.count_ones() as usize).sum()
}

/// One literal of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    bucket: u32,
    /// The last bytes of the literal, up to 8.
    key: u64,
    /// Whose literal it is.
    pub(crate) segment: u32,
    /// How many bytes of the segment lie behind it.
    pub(crate) after: u32,
}

/// The literals of one width.
#[derive(Debug)]
pub(crate) struct Tier {
    width: usize,
    /// By the hash of a gram: how many bytes may be passed over.
    shifts: Box<[u8]>,
    shifts_bits: u32,
    /// By bucket: where its entries begin; one more at the end.
    buckets: Box<[u32]>,
    buckets_bits: u32,
    entries: Box<[Entry]>,
    after_max: usize,
}

impl Tier {
    /// The tiers that `literals`, each with the number of its segment, make up.
    pub(crate) fn build(literals: &[(Literal<'_>, u32)]) -> Vec<Self> {
        let tier = |(width, _): &(usize, usize)| {
            let wide: Vec<_> =
                literals.iter().filter(|(literal, _)| literal.bytes.len() == *width).collect();
            (!wide.is_empty()).then(|| Self::new(*width, &wide))
        };
        WIDTHS.iter().filter_map(tier).collect()
    }

    fn new(width: usize, literals: &[&(Literal<'_>, u32)]) -> Self {
        let gram_len = width.min(4);
        let skip_max = width - gram_len + 1;
        // Most slots are to keep the greatest shift; more than 2 MiB would fall out of the cache.
        let slots_per_gram = if skip_max == 1 { 64 } else { 4 };
        let slots = literals.len().saturating_mul(slots_per_gram * skip_max).next_power_of_two();
        let shifts_bits = slots.ilog2().clamp(12, if gram_len == 2 { 16 } else { 21 });
        let buckets_bits =
            literals.len().saturating_mul(2).next_power_of_two().ilog2().clamp(4, 20);
        let mut shifts = vec![u8::try_from(skip_max).unwrap_or(1); 1 << shifts_bits];
        let mut entries = Vec::with_capacity(literals.len());
        for (literal, segment) in literals {
            for end in gram_len..=width {
                let gram = literal.bytes.get(end - gram_len..end).unwrap_or_default();
                let slot = gram_slot(little_endian(gram) as u32, shifts_bits);
                if let Some(shift) = shifts.get_mut(slot) {
                    *shift = (*shift).min(u8::try_from(width - end).unwrap_or(0));
                }
            }
            let key = literal.bytes.last_chunk::<8>().map_or(literal.bytes, |last| last);
            let key = little_endian(key);
            let bucket = (key.wrapping_mul(MIX_64) >> (64 - buckets_bits)) as u32;
            let after = u32::try_from(literal.after).unwrap_or(u32::MAX);
            entries.push(Entry { bucket, key, segment: *segment, after });
        }
        entries.sort_unstable();
        let starts_at = |bucket| entries.partition_point(|entry| entry.bucket < bucket) as u32;
        let buckets = (0..=1u32 << buckets_bits).map(starts_at).collect();
        let after_max = literals.iter().map(|(literal, _)| literal.after).max().unwrap_or(0);
        let (shifts, entries) = (shifts.into(), entries.into());
        Self { width, shifts, shifts_bits, buckets, buckets_bits, entries, after_max }
    }

    /// The most bytes of a segment that lie behind its literal.
    pub(crate) fn after_max(&self) -> usize {
        self.after_max
    }

    /// The first index of `bytes`, `end` or later, at which a literal ends, with the literals that
    /// end there. Takes time in proportion to the bytes passed.
    pub(crate) fn next(&self, bytes: &[u8], end: usize) -> Option<(usize, &[Entry])> {
        let end = end.max(self.width);
        match self.width {
            16 | 8 => self.skip(bytes, end),
            4 => self.walk::<4>(bytes, end),
            _ => self.walk::<2>(bytes, end),
        }
    }

    /// [`next`](Self::next) for literals that are wider than a gram.
    fn skip(&self, bytes: &[u8], mut end: usize) -> Option<(usize, &[Entry])> {
        loop {
            let gram = load::<4>(bytes, end)? as u32;
            match self.shifts.get(gram_slot(gram, self.shifts_bits)) {
                Some(0) => {
                    let entries = self.entries_of(load::<8>(bytes, end)?);
                    if !entries.is_empty() {
                        return Some((end, entries));
                    }
                    end += 1;
                }
                Some(shift) => end += usize::from(*shift),
                None => return None,
            }
        }
    }

    /// [`next`](Self::next) for literals that are one gram: there is nothing to skip, so that no
    /// step has to wait for the one before.
    fn walk<const N: usize>(&self, bytes: &[u8], end: usize) -> Option<(usize, &[Entry])> {
        let from = end.checked_sub(N)?;
        for (index, gram) in bytes.get(from..)?.windows(N).enumerate() {
            let gram = load::<N>(gram, N)?;
            if self.shifts.get(gram_slot(gram as u32, self.shifts_bits)) == Some(&0) {
                let entries = self.entries_of(gram);
                if !entries.is_empty() {
                    return Some((end + index, entries));
                }
            }
        }
        None
    }

    fn entries_of(&self, key: u64) -> &[Entry] {
        let bucket = (key.wrapping_mul(MIX_64) >> (64 - self.buckets_bits)) as usize;
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return &[];
        };
        let entries = self.entries.get(*from as usize..*to as usize).unwrap_or_default();
        let from = entries.iter().position(|entry| entry.key == key).unwrap_or(entries.len());
        let entries = entries.get(from..).unwrap_or_default();
        let to = entries.partition_point(|entry| entry.key == key);
        entries.get(..to).unwrap_or_default()
    }
}

/// The slot of a gram among `1 << bits`.
#[inline]
fn gram_slot(gram: u32, bits: u32) -> usize {
    (gram.wrapping_mul(MIX_32) >> (32 - bits)) as usize
}

/// The `N` bytes before index `end`, up to 8, as a number: the first one lowest.
#[inline]
fn load<const N: usize>(bytes: &[u8], end: usize) -> Option<u64> {
    let mut word = [0; 8];
    *word.first_chunk_mut::<N>()? = *bytes.get(..end)?.last_chunk::<N>()?;
    Some(u64::from_le_bytes(word))
}

/// Up to 8 bytes as a number: the first one lowest.
fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(pattern: &str) -> Piece {
        let byte = |b| if b == b'?' { (0, 0) } else { (b, 0xFF) };
        Piece::new(&pattern.bytes().map(byte).collect::<Vec<_>>())
    }

    #[test]
    fn the_widest_selective_literal_is_taken_and_of_those_the_latest() {
        for (pattern, literal, after) in [
            ("abcdefghijklmnopqrstuv", "ghijklmnopqrstuv", 0),
            ("abcdefghijklmnop??", "abcdefghijklmnop", 2),
            ("abcdefgh?abcdef", "abcdefgh", 7),
            ("aaaaaaaaaaaaaaaaaaaaaaaaabcdefgh", "aaaaaaaaabcdefgh", 0),
            ("aaaaaaaaaaaaaaaaaaaaaaaa?abcdefgh", "abcdefgh", 0),
            ("aaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", 0),
            ("aaaaaaaaaaab", "ab", 0),
            ("ab?cde", "de", 0),
        ] {
            let piece = piece(pattern);
            let found = Literal::of(&piece).unwrap();
            assert_eq!((found.bytes, found.after), (literal.as_bytes(), after), "{pattern}");
        }
        assert_eq!(Literal::of(&piece("a?b")), None);
    }

    proptest::proptest! {
        #[test]
        fn no_end_of_a_literal_is_passed_over(
            words in proptest::collection::vec("[ab]{2}|[ab]{4}|[a-c]{8}|[ab]{16}", 1..20),
            text in "[a-c]{0,200}",
        ) {
            let pieces: Vec<_> = words.iter().map(|word| piece(word)).collect();
            let whole = |(piece, number): (&'static Piece, u32)| {
                (Literal { bytes: piece.literal_runs()[0].1, after: 0 }, number)
            };
            // The runs borrow from the pieces, which live as long as the test does.
            let pieces: &'static [Piece] = Box::leak(pieces.into_boxed_slice());
            let literals: Vec<_> = pieces.iter().zip(0u32..).map(whole).collect();
            let mut found = Vec::new();
            for tier in Tier::build(&literals) {
                let mut end = 0;
                while let Some((at, entries)) = tier.next(text.as_bytes(), end) {
                    found.extend(entries.iter().map(|entry| (at, entry.segment)));
                    end = at + 1;
                }
            }
            let mut verified = Vec::new();
            for end in 0..=text.len() {
                for (number, word) in words.iter().enumerate() {
                    if text[..end].ends_with(word.as_str()) {
                        verified.push((end, number as u32));
                    }
                }
            }
            let is_match = |(end, number): &(usize, u32)| {
                text[..*end].ends_with(words[*number as usize].as_str())
            };
            found.retain(is_match);
            found.sort_unstable();
            proptest::prop_assert_eq!(found, verified);
        }
    }
}
