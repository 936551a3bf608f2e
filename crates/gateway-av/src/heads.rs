//! How segments begin: which of them may be under way at a place?

use bytes::Bytes;

use crate::image::{Input, Stored, Words, load_bulk, partition, store_bulk, stored_struct};
use crate::piece::Piece;

/// How a segment begins: up to four bytes under a mask, the first of them highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    value: u32,
    mask: u32,
    segment: u32,
}

impl Head {
    /// How a segment with this first piece begins.
    fn of(piece: &Piece, segment: u32) -> Self {
        let (mut value, mut mask) = (0u32, 0u32);
        let byte = |index: usize| piece.values(index..index + 1).first().copied().unwrap_or(0);
        let (exact, folded) = (piece.literal_runs(), piece.folded_runs());
        for index in 0..4 {
            let is_in =
                |runs: &[std::ops::Range<usize>]| runs.iter().any(|run| run.contains(&index));
            let known = match (is_in(&exact), is_in(&folded)) {
                (true, _) => 0xFF,
                (false, true) => crate::piece::CASE_MASK,
                (false, false) => 0,
            };
            value = value << 8 | u32::from(byte(index) & known);
            mask = mask << 8 | u32::from(known);
        }
        Self { value, mask, segment }
    }
}

/// The bit by which letters of different case differ, in each of four bytes.
const FOLD: u32 = 0x2020_2020;

/// Heads of which the first bytes are known, sorted.
#[derive(Debug, Default)]
struct Group {
    /// How many bytes are known of each: 4, or 2 or 3, of which the first 2 count.
    len: usize,
    /// What each word is combined with before it is compared: bits that do not count.
    fold: u32,
    /// By the hash of the four bytes: whether a head has them.
    bits: Bytes,
    shift: u32,
    /// The four bytes of each.
    heads: Words,
    /// And its segment.
    segments: Words,
}

impl Group {
    fn new(len: usize, fold: u32, heads: impl Iterator<Item = Head>) -> Self {
        let key = u32::MAX << (32 - 8 * len);
        let mut heads: Vec<_> =
            heads.map(|head| ((head.value | fold) & key, head.segment)).collect();
        heads.sort_unstable();
        let log = heads.len().saturating_mul(32).next_power_of_two().ilog2().clamp(6, 23);
        let mut group = Self { len, fold, shift: 32 - log, ..Self::default() };
        let mut bits = vec![0u8; 1 << (log - 3)];
        for (word, _) in &heads {
            let slot = group.slot(*word);
            if let Some(bits) = bits.get_mut((slot >> 3) as usize) {
                *bits |= 1 << (slot & 7);
            }
        }
        group.bits = bits.into();
        group.heads = heads.iter().map(|(head, _)| *head).collect();
        group.segments = heads.iter().map(|(_, segment)| *segment).collect();
        group
    }

    #[inline]
    fn slot(&self, word: u32) -> u32 {
        word.wrapping_mul(0x9E37_79B1) >> self.shift
    }

    /// Whether a head may agree with the four bytes of `word`.
    #[inline]
    fn may_hold(&self, word: u32) -> bool {
        let key = u32::MAX << (32 - 8 * self.len);
        let slot = self.slot((word | self.fold) & key);
        self.bits.get((slot >> 3) as usize).is_some_and(|bits| bits >> (slot & 7) & 1 != 0)
    }

    /// The heads that agree with the first `known` bytes, up to four, of `word`.
    #[inline]
    fn candidates(&self, word: u32, known: usize) -> impl Iterator<Item = u32> {
        let known = known.min(self.len);
        let open = u32::MAX.checked_shr(8 * known as u32).unwrap_or(0);
        let word = (word | self.fold) & !open;
        let none = known == self.len && !self.may_hold(word);
        let all = if none { 0..0 } else { 0..self.heads.len() };
        let head = |index| self.heads.at(index);
        let from = partition(all.clone(), |index| head(index).is_some_and(|head| head < word));
        let last = word | open;
        let to = partition(from..all.end, |index| head(index).is_some_and(|head| head <= last));
        self.segments.range(from..to)
    }
}

/// Segments by how they begin.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    groups: [Group; 3],
    /// Segments that do not begin with two known bytes.
    loose: Box<[Head]>,
}

impl Heads {
    /// The segments with the pieces that they begin with.
    pub(crate) fn new<'a>(segments: impl Iterator<Item = (u32, &'a Piece)>) -> Self {
        let heads: Vec<_> = segments.map(|(segment, piece)| Head::of(piece, segment)).collect();
        let is_exact = |head: &Head| head.mask == u32::MAX;
        // A letter without case, or a byte known to the bit, in every place.
        let is_folded = |head: &Head| head.mask | FOLD == u32::MAX && !is_exact(head);
        let is_short =
            |head: &Head| head.mask >> 16 == 0xFFFF && !is_exact(head) && !is_folded(head);
        let all = |accept: &dyn Fn(&Head) -> bool| {
            heads.iter().copied().filter(accept).collect::<Vec<_>>().into_iter()
        };
        Self {
            groups: [
                Group::new(4, 0, all(&is_exact)),
                Group::new(4, FOLD, all(&is_folded)),
                Group::new(2, 0, all(&is_short)),
            ],
            loose: all(&|head| !is_exact(head) && !is_folded(head) && !is_short(head)).collect(),
        }
    }

    /// Whether [`candidates`](Self::candidates) may give any: a quick look.
    #[inline]
    pub(crate) fn may_begin(&self, bytes: &[u8]) -> bool {
        let Some(word) = bytes.first_chunk::<4>() else { return true };
        let word = u32::from_be_bytes(*word);
        let [exact, folded, short] = &self.groups;
        exact.may_hold(word)
            || short.may_hold(word)
            || folded.may_hold(word)
            || !self.loose.is_empty()
    }

    /// The segments that may begin with `bytes`, as far as two or four bytes tell.
    #[inline]
    pub(crate) fn candidates(&self, bytes: &[u8]) -> impl Iterator<Item = u32> {
        let (word, known) = match bytes.first_chunk::<4>() {
            Some(word) => (u32::from_be_bytes(*word), 4),
            None => {
                let shifted = bytes.iter().zip([24, 16, 8]).map(|(b, by)| u32::from(*b) << by);
                (shifted.sum(), bytes.len())
            }
        };
        let open = u32::MAX.checked_shr(8 * known as u32).unwrap_or(0);
        let sorted = self.groups.iter().flat_map(move |group| group.candidates(word, known));
        let loose =
            self.loose.iter().filter(move |head| (head.value ^ word) & head.mask & !open == 0);
        sorted.chain(loose.map(|head| head.segment))
    }
}

stored_struct!(Head { value, mask, segment });

impl Group {
    fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        (self.len, self.fold).store(out);
        store_bulk(&self.bits, out, bulk);
        store_bulk(self.heads.bytes(), out, bulk);
        store_bulk(self.segments.bytes(), out, bulk);
    }

    fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let (len, fold) = Stored::load(input)?;
        let bits = load_bulk(input, bulk)?;
        let heads = Words::new(load_bulk(input, bulk)?)?;
        let segments = Words::new(load_bulk(input, bulk)?)?;
        let fits = bits.len().is_power_of_two()
            && (1 << 3..=1 << 20).contains(&bits.len())
            && heads.len() == segments.len()
            && matches!((len, fold), (4, 0 | FOLD) | (2, 0));
        let shift = 32 - 3 - bits.len().checked_ilog2()?;
        fits.then_some(Self { len, fold, bits, shift, heads, segments })
    }
}

impl Heads {
    /// Writes them: to `bulk` but for what tells where all of it is there.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.groups.iter().for_each(|group| group.store(out, bulk));
        self.loose.store(out);
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let mut group = || Group::load(input, bulk);
        let groups = [group()?, group()?, group()?];
        Some(Self { groups, loose: Stored::load(input)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::CASE_MASK;

    fn piece(pattern: &[u8], mask: u8) -> Piece {
        let byte = |byte: &u8| if *byte == b'?' { (0, 0) } else { (*byte, mask) };
        Piece::new(&pattern.iter().map(byte).collect::<Vec<_>>(), Vec::new())
    }

    #[test]
    fn candidates_are_those_that_four_bytes_allow() {
        let pieces = [
            piece(b"abcd", 0xFF),
            piece(b"ab", 0xFF),
            piece(b"ba?a", 0xFF),
            piece(b"", 0xFF),
            piece(b"ABCDE", CASE_MASK),
        ];
        let heads = Heads::new((0u32..).zip(&pieces));
        for (bytes, expected) in [
            (&b"abx"[..], &[1, 3][..]),
            (b"abcd", &[0, 1, 3, 4]),
            (b"aBcd", &[3, 4]),
            (b"abcx", &[1, 3]),
            (b"abc", &[0, 1, 3, 4]),
            (b"ab", &[0, 1, 3, 4]),
            (b"a", &[0, 1, 3, 4]),
            (b"b", &[2, 3]),
            (b"bazb", &[2, 3]),
            (b"baza", &[2, 3]),
            (b"ac", &[3]),
            (b"\xff\xff", &[3]),
            (b"", &[0, 1, 2, 3, 4]),
        ] {
            let mut found: Vec<_> = heads.candidates(bytes).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{bytes:?}");
        }
        let none = Heads::new(std::iter::empty());
        assert!(none.candidates(b"ab").count() == 0 && !none.may_begin(b"abcd"));
    }
}
