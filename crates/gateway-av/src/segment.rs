//! A stretch of a body signature between two unbounded gaps, and how it is compared.

use std::ops::RangeInclusive;

use crate::image::{Input, Stored, stored_enum, stored_struct};
use crate::mark::Mark;
use crate::piece::Piece;

/// How many bytes of any value lie between two pieces: at least `min`, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// What lies between two pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Bytes of any value.
    Gap(Gap),
    /// One of several pieces, which differ in length or have wildcards.
    OneOf(Box<[Piece]>),
}

impl Joint {
    fn len_max(&self) -> usize {
        match self {
            Self::Gap(gap) => gap.max,
            Self::OneOf(pieces) => pieces.iter().map(Piece::len).max().unwrap_or(0),
        }
    }

    fn len_min(&self) -> usize {
        match self {
            Self::Gap(gap) => gap.min,
            Self::OneOf(pieces) => pieces.iter().map(Piece::len).min().unwrap_or(0),
        }
    }
}

/// What a segment is compared with: a stretch of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether no byte of the part comes after them.
    pub(crate) ended: bool,
}

/// Where a segment that has begun may end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    /// Indices after its last byte, in order.
    pub(crate) at: Vec<usize>,
    /// Whether it may also end at bytes that are not there yet.
    pub(crate) open: bool,
}

/// Pieces with bounded gaps, or alternatives, between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// All pieces but the last, each with what comes between it and the next.
    before: Box<[(Piece, Joint)]>,
    last: Piece,
    /// What must stand before a match.
    left: Option<Mark>,
    /// What must stand after a match.
    right: Option<Mark>,
}

impl Segment {
    pub(crate) fn new(before: Vec<(Piece, Joint)>, last: Piece) -> Self {
        Self { before: before.into(), last, left: None, right: None }
    }

    pub(crate) fn with_marks(self, left: Option<Mark>, right: Option<Mark>) -> Self {
        Self { left, right, ..self }
    }

    /// The most bytes that a match has.
    pub(crate) fn len_max(&self) -> usize {
        let before = self.before.iter().map(|(piece, joint)| piece.len() + joint.len_max());
        before.sum::<usize>() + self.last.len()
    }

    /// The most bytes that have to be looked at as one: a match and what stands beside it.
    pub(crate) fn reach(&self) -> usize {
        let before = self.left.map_or(0, Mark::bytes_before);
        self.len_max() + before + 2 * usize::from(self.right.is_some())
    }

    /// The number of bytes that every match has, if that is one number and nothing is asked of
    /// what stands beside it.
    pub(crate) fn len_fixed(&self) -> Option<usize> {
        let plain = self.before.is_empty() && self.left.is_none() && self.right.is_none();
        plain.then(|| self.last.len())
    }

    /// Whether it is one piece: every match ends where its beginning says.
    pub(crate) fn is_one_piece(&self) -> bool {
        self.before.is_empty()
    }

    /// The pieces by their index.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.before.iter().map(|(piece, _)| piece).chain([&self.last])
    }

    /// By how many bytes the places of piece `index` differ at most, counted from the beginning.
    pub(crate) fn slack_before(&self, index: usize) -> usize {
        self.before.iter().take(index).map(|(_, joint)| joint.len_max() - joint.len_min()).sum()
    }

    /// By how many bytes the lengths of matches differ at most.
    pub(crate) fn slack(&self) -> usize {
        self.slack_before(self.before.len())
    }

    /// The most bytes of a match before piece `index`.
    pub(crate) fn len_max_before(&self, index: usize) -> usize {
        self.before.iter().take(index).map(|(piece, joint)| piece.len() + joint.len_max()).sum()
    }

    /// The first piece: what a match begins with, unless it is empty.
    pub(crate) fn first(&self) -> &Piece {
        self.before.first().map_or(&self.last, |(piece, _)| piece)
    }

    /// Leaves out the bytes of any value that it begins with, and says how many they are.
    pub(crate) fn trim_start(&mut self) -> usize {
        if self.left.is_some() {
            return 0;
        }
        let count = self.first().free_prefix();
        let first = self.before.first_mut().map_or(&mut self.last, |(piece, _)| piece);
        *first = std::mem::take(first).skip(count);
        count
    }

    /// Where a match that ends at index `end` of the view begins: the latest of its beginnings
    /// that lie in `starts`, so the shortest match.
    ///
    /// Compares each piece at as many places as the [slack](Self::slack) of those behind it
    /// allows, and at each of them once.
    pub(crate) fn ends_at(
        &self,
        view: View<'_>,
        end: usize,
        starts: &RangeInclusive<usize>,
    ) -> Option<usize> {
        let bytes = view.bytes;
        let last = end.checked_sub(self.last.len())?;
        if !self.last.is_at(bytes, last) {
            return None;
        }
        if let Some(mark) = self.right {
            let after = bytes.get(end..).unwrap_or_default();
            mark.allows_before(after, view.ended).filter(|allows| *allows)?;
        }
        // Where the piece may begin, the latest place first.
        let mut begins = vec![last];
        for (piece, joint) in self.before.iter().rev() {
            begins = match joint {
                Joint::Gap(gap) => before_gap(piece, *gap, bytes, &begins),
                Joint::OneOf(pieces) => before_one_of(piece, pieces, bytes, &begins),
            };
        }
        let left = |at: usize| {
            self.left.is_none_or(|mark| mark.allows_after(bytes.get(..at).unwrap_or_default()))
        };
        begins.into_iter().find(|begin| starts.contains(begin) && left(*begin))
    }

    /// Where a match may end whose piece `index` begins at `at`, whatever lies before that.
    pub(crate) fn ends_after(&self, view: View<'_>, index: usize, at: usize) -> Ends {
        let bytes = view.bytes;
        let mut ends = Ends::default();
        let mut begins = vec![at];
        for (piece, joint) in self.before.iter().skip(index) {
            ends.open |= begins.iter().any(|at| piece.is_open_at(bytes, *at));
            begins.retain(|at| piece.is_at(bytes, *at));
            begins = match joint {
                Joint::Gap(gap) => after_gap(piece, *gap, bytes, &begins),
                Joint::OneOf(pieces) => after_one_of(piece, pieces, bytes, &begins, &mut ends.open),
            };
        }
        let last = &self.last;
        ends.open |= begins.iter().any(|at| last.is_open_at(bytes, *at));
        for begin in begins.into_iter().filter(|at| last.is_at(bytes, *at)) {
            let end = begin + last.len();
            let after = bytes.get(end..).unwrap_or_default();
            match self.right.map_or(Some(true), |mark| mark.allows_before(after, view.ended)) {
                Some(true) => ends.at.push(end),
                Some(false) => {}
                None => ends.open = true,
            }
        }
        ends
    }

    /// Whether an end was not known yet when only the first `seen` bytes were there: it lies behind
    /// them, or what stands beside it did.
    pub(crate) fn is_new(&self, bytes: &[u8], seen: usize, end: usize) -> bool {
        end > seen
            || self.right.is_some_and(|mark| {
                let after = bytes.get(end..seen).unwrap_or_default();
                mark.allows_before(after, false).is_none()
            })
    }

    /// Whether some match that begins with `bytes` goes on after them.
    pub(crate) fn goes_on_after(&self, bytes: &[u8]) -> bool {
        if self.before.is_empty() && self.right.is_none() {
            return self.last.is_open_at(bytes, 0);
        }
        self.ends_after(View { bytes, ended: false }, 0, 0).open
    }

    /// Whether `bytes` and the beginning of a match agree, as far as both go. For segments of one
    /// piece.
    pub(crate) fn agrees_with(&self, bytes: &[u8]) -> bool {
        self.first().agrees_with(bytes)
    }
}

/// Where `piece` may begin if the next one begins at one of `begins`, the latest place first.
fn before_gap(piece: &Piece, gap: Gap, bytes: &[u8], begins: &[usize]) -> Vec<usize> {
    let mut earlier = Vec::new();
    let mut done_from = usize::MAX;
    for begin in begins {
        let Some(to) = begin.checked_sub(piece.len() + gap.min) else { break };
        let from = begin.saturating_sub(piece.len() + gap.max);
        let places = (from..(to + 1).min(done_from)).rev();
        earlier.extend(places.filter(|at| piece.is_at(bytes, *at)));
        done_from = from;
    }
    earlier
}

/// [`before_gap`] for alternatives.
fn before_one_of(piece: &Piece, pieces: &[Piece], bytes: &[u8], begins: &[usize]) -> Vec<usize> {
    let mut earlier = Vec::new();
    for begin in begins {
        for one in pieces {
            let Some(at) = begin.checked_sub(one.len()) else { continue };
            let Some(first) = at.checked_sub(piece.len()) else { continue };
            if one.is_at(bytes, at) && piece.is_at(bytes, first) {
                earlier.push(first);
            }
        }
    }
    earlier.sort_unstable_by(|a, b| b.cmp(a));
    earlier.dedup();
    earlier
}

/// Where the next piece may begin if `piece` begins at one of `begins`, the earliest place first.
fn after_gap(piece: &Piece, gap: Gap, bytes: &[u8], begins: &[usize]) -> Vec<usize> {
    let mut later = Vec::new();
    let mut done_to = 0;
    for begin in begins {
        let end = begin + piece.len();
        // One place behind the bytes stands for all that are not there yet.
        let to = (end + gap.max + 1).min(bytes.len() + 1);
        later.extend((end + gap.min).min(bytes.len()).max(done_to)..to);
        done_to = to.max(done_to);
    }
    later
}

/// [`after_gap`] for alternatives; sets `open` if one of them is not ended yet.
fn after_one_of(
    piece: &Piece,
    pieces: &[Piece],
    bytes: &[u8],
    begins: &[usize],
    open: &mut bool,
) -> Vec<usize> {
    let mut later = Vec::new();
    for begin in begins {
        let at = begin + piece.len();
        for one in pieces {
            *open |= one.is_open_at(bytes, at);
            if one.is_at(bytes, at) {
                later.push(at + one.len());
            }
        }
    }
    later.sort_unstable();
    later.dedup();
    later
}

stored_enum!(Joint { 0 => Gap(gap), 1 => OneOf(pieces) });
stored_struct!(Segment { before, last, left, right });

/// Bytes of a gap in an image: more than the greatest look-back that a loader is told.
const GAP_MAX: usize = 1 << 24;

impl Stored for Gap {
    fn store(&self, out: &mut Vec<u8>) {
        (self.min, self.max).store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (min, max) = Stored::load(input)?;
        (min <= max && max <= GAP_MAX).then_some(Self { min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::MarkKind;

    fn literal(bytes: &[u8]) -> Piece {
        Piece::new(&bytes.iter().map(|byte| (*byte, 0xFF)).collect::<Vec<_>>(), Vec::new())
    }

    fn gap(min: usize, max: usize) -> Joint {
        Joint::Gap(Gap { min, max })
    }

    fn view(bytes: &[u8]) -> View<'_> {
        View { bytes, ended: false }
    }

    #[test]
    fn the_shortest_match_is_taken() {
        let segment = Segment::new(vec![(literal(b"ab"), gap(1, 3))], literal(b"cd"));
        for (bytes, starts, start) in [
            (&b"ab-cd"[..], 0..=9, Some(0)),
            (b"abcd", 0..=9, None),
            (b"ababab-cd", 0..=9, Some(4)),
            (b"ababab-cd", 0..=3, Some(2)),
            (b"ab---cd", 0..=9, Some(0)),
            (b"ab----cd", 0..=9, None),
            (b"ab-ce", 0..=9, None),
        ] {
            let found = segment.ends_at(view(bytes), bytes.len(), &starts);
            assert_eq!(found, start, "{:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!((segment.len_max(), segment.len_fixed()), (7, None));
    }

    #[test]
    fn a_beginning_is_live_until_no_way_is_left() {
        let segment = Segment::new(vec![(literal(b"ab"), gap(0, 2))], literal(b"cd"));
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
    fn all_ways_through_alternatives_are_tried() {
        let one_of = Joint::OneOf([literal(b"c"), literal(b"cde")].into());
        let segment = Segment::new(vec![(literal(b"ab"), one_of)], literal(b"d"));
        for (bytes, ends, open) in [
            (&b"abcd"[..], &[4][..], true),
            (b"abcded", &[4, 6], false),
            (b"abcdex", &[4], false),
            (b"abx", &[], false),
            (b"ab", &[], true),
        ] {
            let found = segment.ends_after(view(bytes), 0, 0);
            assert_eq!((&found.at[..], found.open), (ends, open), "{bytes:?}");
            for end in ends {
                assert_eq!(segment.ends_at(view(bytes), *end, &(0..=0)), Some(0));
            }
        }
    }

    #[test]
    fn marks_stand_beside_a_match() {
        let mark = Some(Mark { kind: MarkKind::Word, negated: false });
        let segment = Segment::new(Vec::new(), literal(b"ab")).with_marks(mark, mark);
        for (bytes, ended, start) in [
            (&b"-ab-"[..], false, Some(1)),
            (b"xab-", false, None),
            (b"-abx", false, None),
            (b"-ab", false, None),
            (b"-ab", true, Some(1)),
        ] {
            let view = View { bytes, ended };
            assert_eq!(segment.ends_at(view, 3, &(0..=9)), start, "{bytes:?}");
            let ends = segment.ends_after(view, 0, 1);
            assert_eq!(ends.open, bytes == b"-ab" && !ended, "{bytes:?}");
        }
        assert_eq!((segment.reach(), segment.len_fixed()), (5, None));
    }
}
