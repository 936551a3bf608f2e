//! A filter for short literals: at which positions may one of them begin?
//!
//! What is only two to four bytes long cannot be sampled: every position is looked at, by the two
//! bytes that are there, in a table that has a bit for every pair.

use crate::filter::{FOLD, Key, Literal, little_endian};
use crate::segment::Segment;

/// Literals of two to four bytes.
#[derive(Debug)]
pub(crate) struct Shorts {
    /// What every byte is combined with before it is compared: bits that do not count.
    fold: u64,
    /// By pair, the first byte lowest: whether a literal begins so.
    pairs: Box<[u64; 1 << 10]>,
    /// Keys by the pair that they begin with.
    keys: Box<[(u16, Key)]>,
}

/// The pair that `word` begins with.
fn pair(word: u64) -> u16 {
    (word & 0xFFFF) as u16
}

impl Shorts {
    pub(crate) fn new<'a>(
        fold: u64,
        literals: impl Iterator<Item = &'a (Literal, &'a Segment, u32)>,
    ) -> Self {
        let key = |(literal, segment, number): &(Literal, &Segment, u32)| {
            let key = literal.key(segment, *number, fold);
            (pair(key.bytes), key)
        };
        let mut keys: Vec<_> = literals.map(key).collect();
        keys.sort_unstable_by_key(|(pair, _)| *pair);
        let mut pairs = Box::new([0; 1 << 10]);
        for (pair, _) in &keys {
            if let Some(word) = pairs.get_mut(usize::from(pair >> 6)) {
                *word |= 1 << (pair & 63);
            }
        }
        Self { fold, pairs, keys: keys.into() }
    }

    /// The two of `literals`, those in which the case of letters counts first.
    pub(crate) fn build(literals: &[(Literal, &Segment, u32)]) -> Vec<Self> {
        let of = |folded: bool, fold| {
            let all = literals.iter();
            let mut all = all
                .filter(move |(one, _, _)| one.is_short() && one.is_folded() == folded)
                .peekable();
            all.peek().is_some().then(|| Self::new(fold, all))
        };
        [of(false, 0), of(true, FOLD)].into_iter().flatten().collect()
    }

    #[inline]
    fn flag(&self, word: u64) -> u64 {
        let pair = pair(word);
        self.pairs.get(usize::from(pair >> 6)).map_or(0, |bits| bits >> (pair & 63))
    }

    /// Looks at the positions of `bytes` from index `from` on that begin a pair, and gives `hit`
    /// each literal that may lie there, with the index at which its *piece* begins. Returns the
    /// next position.
    pub(crate) fn scan(
        &self,
        bytes: &[u8],
        from: usize,
        mut hit: impl FnMut(&Key, usize),
    ) -> usize {
        let mut at = from;
        loop {
            at = self.next_flagged(bytes, at);
            let Some(word) = bytes.get(at..at.saturating_add(2)) else { return at };
            self.hits(bytes, at, pair(little_endian(word) | self.fold), &mut hit);
            at += 1;
        }
    }

    /// The index of the next pair that some literal begins with; that of the first one that is
    /// not there if there is none.
    #[inline(never)]
    fn next_flagged(&self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*word) | self.fold;
            let any = self.flag(word)
                | self.flag(word >> 8)
                | self.flag(word >> 16)
                | self.flag(word >> 24)
                | self.flag(word >> 32)
                | self.flag(word >> 40)
                | self.flag(word >> 48);
            if any & 1 != 0 {
                let first = (0..7).find(|place| self.flag(word >> (8 * place)) & 1 != 0);
                return at + first.unwrap_or(0);
            }
            at += 7;
        }
        while at.saturating_add(2) <= bytes.len() {
            let word = little_endian(bytes.get(at..).unwrap_or_default()) | self.fold;
            if self.flag(word) & 1 != 0 {
                return at;
            }
            at += 1;
        }
        at
    }

    #[cold]
    fn hits(&self, bytes: &[u8], at: usize, pair: u16, hit: &mut impl FnMut(&Key, usize)) {
        let from = self.keys.partition_point(|(one, _)| *one < pair);
        let equal = self.keys.get(from..).unwrap_or_default().iter();
        for (_, key) in equal.take_while(|(one, _)| *one == pair) {
            key.meets(bytes, at, self.fold, hit);
        }
    }
}
