//! A stretch of a body signature between two unbounded gaps, and how it is compared.

use std::ops::RangeInclusive;

/// Bytes of fixed length, each compared under a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What the bytes must be, where the mask has ones; zero where it has none.
    values: Box<[u8]>,
    /// `None` when every bit counts.
    masks: Option<Box<[u8]>>,
}

impl Piece {
    /// A piece of pairs of value and mask.
    pub(crate) fn new(bytes: &[(u8, u8)]) -> Self {
        let literal = bytes.iter().all(|(_, mask)| *mask == 0xFF);
        Self {
            values: bytes.iter().map(|(value, mask)| value & mask).collect(),
            masks: (!literal).then(|| bytes.iter().map(|(_, mask)| *mask).collect()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The runs of bytes of which every bit counts, each with its index.
    pub(crate) fn literal_runs(&self) -> Vec<(usize, &[u8])> {
        let Some(masks) = &self.masks else { return vec![(0, &self.values)] };
        let mut index = 0;
        let mut runs = Vec::new();
        for run in masks.chunk_by(|a, b| (*a == 0xFF) == (*b == 0xFF)) {
            if run.first() == Some(&0xFF) {
                runs.extend(self.values.get(index..index + run.len()).map(|bytes| (index, bytes)));
            }
            index += run.len();
        }
        runs
    }

    /// Whether `bytes`, as many as the piece has or fewer, are how it begins.
    fn begins_with(&self, bytes: &[u8]) -> bool {
        match &self.masks {
            None => self.values.starts_with(bytes),
            Some(masks) => {
                let wanted = self.values.iter().zip(masks);
                bytes.iter().zip(wanted).all(|(byte, (value, mask))| byte & mask == *value)
            }
        }
    }

    /// Whether `bytes` hold the piece at index `at`.
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at..at + self.len()).is_some_and(|bytes| self.begins_with(bytes))
    }

    /// Whether the piece, begun at index `at` of `bytes`, agrees with them and is not ended.
    fn is_open_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some(rest) = bytes.get(at..) else { return true };
        rest.len() < self.len() && self.begins_with(rest)
    }
}

/// How many bytes of any value lie between two pieces: at least `min`, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// Pieces with bounded gaps between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// All pieces but the last, each with the gap after it.
    before: Vec<(Piece, Gap)>,
    last: Piece,
}

impl Segment {
    pub(crate) fn new(before: Vec<(Piece, Gap)>, last: Piece) -> Self {
        Self { before, last }
    }

    /// The most bytes that a match has.
    pub(crate) fn len_max(&self) -> usize {
        let before = self.before.iter().map(|(piece, gap)| piece.len() + gap.max);
        before.sum::<usize>() + self.last.len()
    }

    /// The number of bytes that every match has, if that is one number.
    pub(crate) fn len_fixed(&self) -> Option<usize> {
        self.before.is_empty().then(|| self.last.len())
    }

    /// The first piece: what a match begins with.
    pub(crate) fn first(&self) -> &Piece {
        self.before.first().map_or(&self.last, |(piece, _)| piece)
    }

    /// The last piece: what a match is searched by.
    pub(crate) fn last(&self) -> &Piece {
        &self.last
    }

    /// By how many bytes the lengths of matches differ at most.
    pub(crate) fn slack(&self) -> usize {
        self.before.iter().map(|(_, gap)| gap.max - gap.min).sum()
    }

    /// Where a match that ends at index `end` of `bytes` begins: the latest of its beginnings
    /// that lie in `starts`, so the shortest match.
    ///
    /// Compares each piece at as many places as the [slack](Self::slack) of those behind it
    /// allows, and at each of them once.
    pub(crate) fn ends_at(
        &self,
        bytes: &[u8],
        end: usize,
        starts: &RangeInclusive<usize>,
    ) -> Option<usize> {
        let last = end.checked_sub(self.last.len())?;
        if !self.last.is_at(bytes, last) {
            return None;
        }
        if self.before.is_empty() {
            return starts.contains(&last).then_some(last);
        }
        // Where the piece may begin, the latest place first.
        let mut begins = vec![last];
        for (piece, gap) in self.before.iter().rev() {
            let mut earlier = Vec::new();
            let mut done_from = usize::MAX;
            for begin in begins {
                let Some(to) = begin.checked_sub(piece.len() + gap.min) else { break };
                let from = begin.saturating_sub(piece.len() + gap.max);
                let places = (from..(to + 1).min(done_from)).rev();
                earlier.extend(places.filter(|at| piece.is_at(bytes, *at)));
                done_from = from;
            }
            begins = earlier;
        }
        begins.into_iter().find(|begin| starts.contains(begin))
    }

    /// Whether some match that begins with `bytes` goes on after them.
    pub(crate) fn goes_on_after(&self, bytes: &[u8]) -> bool {
        if self.before.is_empty() {
            return self.last.is_open_at(bytes, 0);
        }
        // Where the piece may begin, the earliest place first.
        let mut begins = vec![0];
        for (piece, gap) in &self.before {
            if begins.iter().any(|at| piece.is_open_at(bytes, *at)) {
                return true;
            }
            let mut later = Vec::new();
            let mut done_to = 0;
            for begin in begins.into_iter().filter(|at| piece.is_at(bytes, *at)) {
                let end = begin + piece.len();
                let to = end + gap.max + 1;
                later.extend((end + gap.min).max(done_to)..to);
                done_to = to;
            }
            begins = later;
        }
        begins.into_iter().any(|at| self.last.is_open_at(bytes, at))
    }

    /// Whether `bytes` and the beginning of a match agree, as far as both go. For segments of one
    /// piece.
    pub(crate) fn agrees_with(&self, bytes: &[u8]) -> bool {
        let piece = self.first();
        piece.begins_with(bytes.get(..piece.len()).unwrap_or(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(bytes: &[u8]) -> Piece {
        Piece::new(&bytes.iter().map(|byte| (*byte, 0xFF)).collect::<Vec<_>>())
    }

    #[test]
    fn the_shortest_match_is_taken() {
        let segment = Segment::new(vec![(literal(b"ab"), Gap { min: 1, max: 3 })], literal(b"cd"));
        for (bytes, starts, start) in [
            (&b"ab-cd"[..], 0..=9, Some(0)),
            (b"abcd", 0..=9, None),
            (b"ababab-cd", 0..=9, Some(4)),
            (b"ababab-cd", 0..=3, Some(2)),
            (b"ab---cd", 0..=9, Some(0)),
            (b"ab----cd", 0..=9, None),
            (b"ab-ce", 0..=9, None),
        ] {
            let found = segment.ends_at(bytes, bytes.len(), &starts);
            assert_eq!(found, start, "{:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!((segment.len_max(), segment.len_fixed()), (7, None));
    }

    #[test]
    fn a_beginning_is_live_until_no_way_is_left() {
        let segment = Segment::new(vec![(literal(b"ab"), Gap { min: 0, max: 2 })], literal(b"cd"));
        for (bytes, live) in [
            (&b"a"[..], true),
            (b"ab", true),
            (b"ab-", true),
            (b"ab--", true),
            (b"ab---", false),
            (b"abc", true),
            (b"abcd", true), // another "cd" may follow
            (b"abcdx", false),
            (b"ab--c", true),
            (b"ab--cd", false),
            (b"x", false),
        ] {
            assert_eq!(segment.goes_on_after(bytes), live, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn masks_compare_nibbles() {
        let piece = Piece::new(&[(0x41, 0xF0), (0, 0), (0x42, 0xFF), (0x43, 0xFF), (0x05, 0x0F)]);
        assert!(piece.is_at(b"..O?BCe", 2) && !piece.is_at(b"..O?BCf", 2));
        assert_eq!(piece.literal_runs(), [(2, &b"BC"[..])]);
    }
}
