//! A stretch of a body signature of fixed length, and how it is compared.

use std::ops::Range;

use crate::image::{Input, Stored, stored_struct};

/// Bytes of which each is compared under a mask, and stretches that have one of several values.
///
/// It may be empty: between two alternatives of different lengths there is nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What the bytes must be, where the mask has ones; zero where it has none.
    values: Box<[u8]>,
    /// `None` when every bit counts: most pieces, so they are not to pay for the others.
    open: Option<Box<Open>>,
}

/// What is left open of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    /// As many as there are values.
    masks: Box<[u8]>,
    /// Stretches of which the mask has no bits.
    choices: Box<[Choice]>,
}

/// A stretch that has one of several values, or none of them. All are of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Index in the piece.
    pub(crate) at: usize,
    pub(crate) negated: bool,
    pub(crate) options: Box<[Box<[u8]>]>,
}

impl Choice {
    /// Whether `bytes`, a stretch or the beginning of one, are none of the options.
    fn differs(&self, bytes: &[u8]) -> bool {
        !self.options.iter().any(|option| option.starts_with(bytes))
    }

    fn len(&self) -> usize {
        self.options.first().map_or(0, |option| option.len())
    }

    /// Whether `piece`, all of a piece or its beginning, agrees with it.
    fn allows(&self, piece: &[u8]) -> bool {
        let rest = piece.get(self.at..).unwrap_or_default();
        match rest.get(..self.len()) {
            Some(stretch) => self.differs(stretch) == self.negated,
            // What begins like an option may still become something else.
            None => self.negated || !self.differs(rest),
        }
    }
}

impl Piece {
    /// A piece of pairs of value and mask; the masks of what `choices` cover must be zero.
    pub(crate) fn new(bytes: &[(u8, u8)], choices: Vec<Choice>) -> Self {
        let literal = bytes.iter().all(|(_, mask)| *mask == 0xFF);
        Self {
            values: bytes.iter().map(|(value, mask)| value & mask).collect(),
            open: (!literal).then(|| {
                let masks = bytes.iter().map(|(_, mask)| *mask).collect();
                Box::new(Open { masks, choices: choices.into() })
            }),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether every bit counts.
    pub(crate) const fn is_literal(&self) -> bool {
        self.open.is_none()
    }

    /// The bytes at `range`, without regard to their masks.
    pub(crate) fn values(&self, range: Range<usize>) -> &[u8] {
        self.values.get(range).unwrap_or_default()
    }

    /// The runs of bytes of which every bit counts: where each begins and ends.
    pub(crate) fn literal_runs(&self) -> Vec<Range<usize>> {
        self.runs(|_, mask| mask == 0xFF)
    }

    /// The runs of bytes that are known but for the case of letters.
    pub(crate) fn folded_runs(&self) -> Vec<Range<usize>> {
        self.runs(|value, mask| mask == 0xFF || mask == CASE_MASK && value.is_ascii_uppercase())
    }

    fn runs(&self, known: impl Fn(u8, u8) -> bool) -> Vec<Range<usize>> {
        let Some(open) = &self.open else {
            return (self.len() > 0).then_some(0..self.len()).into_iter().collect();
        };
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (index, (value, mask)) in self.values.iter().zip(&open.masks).enumerate() {
            if known(*value, *mask) {
                match runs.last_mut() {
                    Some(run) if run.end == index => run.end += 1,
                    _ => runs.push(index..index + 1),
                }
            }
        }
        runs
    }

    /// How many bytes at the beginning may have any value.
    pub(crate) fn free_prefix(&self) -> usize {
        let Some(open) = &self.open else { return 0 };
        let first_choice = open.choices.iter().map(|choice| choice.at).min();
        let free = open.masks.iter().take_while(|mask| **mask == 0).count();
        first_choice.map_or(free, |at| free.min(at))
    }

    /// The piece without its first `count` bytes, which no choice may cover.
    pub(crate) fn skip(self, count: usize) -> Self {
        let rest = |bytes: &[u8]| bytes.get(count..).unwrap_or_default().into();
        let moved = |choice| {
            let Choice { at, negated, options } = choice;
            Choice { at: at.saturating_sub(count), negated, options }
        };
        let open = self.open.map(|open| {
            let Open { masks, choices } = *open;
            let choices = choices.into_iter().map(moved).collect();
            Box::new(Open { masks: rest(&masks), choices })
        });
        Self { values: rest(&self.values), open }
    }

    /// Whether `bytes`, as many as the piece has or fewer, are how it begins.
    fn begins_with(&self, bytes: &[u8]) -> bool {
        let Some(open) = &self.open else { return self.values.starts_with(bytes) };
        let wanted = self.values.iter().zip(&open.masks);
        let masked = bytes.iter().zip(wanted).all(|(byte, (value, mask))| byte & mask == *value);
        masked && open.choices.iter().all(|choice| choice.allows(bytes))
    }

    /// Whether `bytes` hold the piece at index `at`.
    pub(crate) fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at..at.saturating_add(self.len())).is_some_and(|bytes| self.begins_with(bytes))
    }

    /// Whether the piece, begun at index `at` of `bytes`, agrees with them and is not ended.
    pub(crate) fn is_open_at(&self, bytes: &[u8], at: usize) -> bool {
        let Some(rest) = bytes.get(at..) else { return true };
        rest.len() < self.len() && self.begins_with(rest)
    }

    /// Whether `bytes` and the piece agree, as far as both go.
    pub(crate) fn agrees_with(&self, bytes: &[u8]) -> bool {
        self.begins_with(bytes.get(..self.len()).unwrap_or(bytes))
    }
}

/// The mask of a letter whose case does not count.
pub(crate) const CASE_MASK: u8 = 0xDF;

stored_struct!(Choice { at, negated, options });
stored_struct!(Open { masks, choices });

impl Stored for Piece {
    fn store(&self, out: &mut Vec<u8>) {
        self.values.store(out);
        self.open.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (values, open): (Box<[u8]>, Option<Box<Open>>) =
            (Stored::load(input)?, Stored::load(input)?);
        let fits = open.as_ref().is_none_or(|open| open.masks.len() == values.len());
        fits.then_some(Self { values, open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_compare_nibbles() {
        let bytes = [(0x41, 0xF0), (0, 0), (0x42, 0xFF), (0x43, 0xFF), (0x05, 0x0F)];
        let piece = Piece::new(&bytes, Vec::new());
        assert!(piece.is_at(b"..O?BCe", 2) && !piece.is_at(b"..O?BCf", 2));
        assert_eq!(piece.literal_runs().first(), Some(&(2..4)));
        assert_eq!((piece.values(2..4), piece.free_prefix()), (&b"BC"[..], 0));
    }

    #[test]
    fn letters_without_case_are_known() {
        let bytes = [(b'A', 0xFF), (b'B', CASE_MASK), (b'@', CASE_MASK), (b'1', 0xFF)];
        let piece = Piece::new(&bytes, Vec::new());
        assert_eq!(
            (piece.literal_runs(), piece.folded_runs()),
            (vec![0..1, 3..4], vec![0..2, 3..4])
        );
        assert!(piece.is_at(b"Ab`1", 0) && !piece.is_at(b"ab@1", 0));
    }

    #[test]
    fn choices_are_one_of_their_options_or_none() {
        let piece = |negated| {
            let options = [&b"xy"[..], b"zz"].map(Box::from).into();
            let choice = Choice { at: 1, negated, options };
            Piece::new(&[(b'a', 0xFF), (0, 0), (0, 0), (b'b', 0xFF)], vec![choice])
        };
        for (bytes, one, none) in [
            (&b"axyb"[..], true, false),
            (b"azzb", true, false),
            (b"axzb", false, true),
            (b"axyc", false, false),
        ] {
            assert_eq!((piece(false).is_at(bytes, 0), piece(true).is_at(bytes, 0)), (one, none));
        }
        for (bytes, one, none) in [
            (&b"a"[..], true, true),
            (b"ax", true, true),
            (b"ay", false, true),
            (b"axy", true, false),
        ] {
            let open = (piece(false).is_open_at(bytes, 0), piece(true).is_open_at(bytes, 0));
            assert_eq!(open, (one, none), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_free_at_the_beginning_can_be_left_out() {
        let choice = Choice { at: 3, negated: false, options: [Box::from(&b"x"[..])].into() };
        let bytes = [(0, 0), (0, 0), (b'a', 0xFF), (0, 0), (b'b', 0xFF)];
        let piece = Piece::new(&bytes, vec![choice]);
        assert_eq!(piece.free_prefix(), 2);
        assert!(piece.skip(2).is_at(b"axb", 0));
    }
}
