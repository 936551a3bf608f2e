//! A message put together from pieces that come in any order: of CRYPTO frames (RFC 9000 §19.6) or
//! of DTLS fragments (RFC 6347 §4.2.3). It knows neither.

/// Gaps that may be open at a time.
const RANGES_MAX: usize = 64;

/// Pieces of a stream that begins at 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assembly {
    bytes: Vec<u8>,
    /// What is there, in order, none touching another.
    ranges: Vec<(usize, usize)>,
}

/// Why a piece cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It ends beyond what may be kept, or there are too many gaps.
    TooMuch,
    /// It says something else about bytes that are there: two readers could read two messages.
    Contradiction,
}

impl Assembly {
    /// Takes a piece; nothing beyond `bytes_max` is kept.
    pub(crate) fn put(
        &mut self,
        offset: usize,
        piece: &[u8],
        bytes_max: usize,
    ) -> Result<(), Misfit> {
        let end = offset.checked_add(piece.len()).filter(|end| *end <= bytes_max);
        let end = end.ok_or(Misfit::TooMuch)?;
        if piece.is_empty() {
            return Ok(());
        }
        for &(from, to) in &self.ranges {
            let (from, to) = (from.max(offset), to.min(end));
            if from < to && self.bytes.get(from..to) != piece.get(from - offset..to - offset) {
                return Err(Misfit::Contradiction);
            }
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(place) = self.bytes.get_mut(offset..end) {
            place.copy_from_slice(piece);
        }
        self.note(offset, end);
        if self.ranges.len() > RANGES_MAX { Err(Misfit::TooMuch) } else { Ok(()) }
    }

    /// The bytes from 0 to the first gap.
    pub(crate) fn beginning(&self) -> &[u8] {
        match self.ranges.first() {
            Some(&(0, end)) => self.bytes.get(..end).unwrap_or_default(),
            Some(_) | None => &[],
        }
    }

    fn note(&mut self, from: usize, to: usize) {
        let (mut from, mut to) = (from, to);
        self.ranges.retain(|&(low, high)| {
            let touches = low <= to && from <= high;
            if touches {
                (from, to) = (from.min(low), to.max(high));
            }
            !touches
        });
        let at = self.ranges.partition_point(|&(low, _)| low < from);
        self.ranges.insert(at, (from, to));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_stories_are_one_too_many() {
        let mut assembly = Assembly::default();
        assert_eq!(assembly.put(2, b"cd", 10), Ok(()));
        assert_eq!(assembly.beginning(), b"");
        assert_eq!(assembly.put(0, b"abc", 10), Ok(()));
        assert_eq!(assembly.beginning(), b"abcd");
        assert_eq!(assembly.put(3, b"xe", 10), Err(Misfit::Contradiction));
        assert_eq!(assembly.put(9, b"xy", 10), Err(Misfit::TooMuch));
        assert_eq!(assembly.put(usize::MAX, b"x", 10), Err(Misfit::TooMuch));
    }

    #[test]
    fn gaps_are_counted() {
        let mut assembly = Assembly::default();
        let put = |n: usize| assembly.put(n * 2, b"x", 1000);
        let refused = (0..100).map(put).position(|put| put.is_err());
        assert_eq!(refused, Some(RANGES_MAX));
    }

    proptest! {
        #[test]
        fn order_makes_no_difference(
            cuts in proptest::collection::vec(1_usize..9, 1..12),
            swaps in proptest::collection::vec((0_usize..12, 0_usize..12), 0..20),
        ) {
            let whole: Vec<u8> = (0..cuts.iter().sum::<usize>()).map(|n| n as u8).collect();
            let mut pieces = Vec::new();
            let mut at = 0;
            for cut in cuts {
                // Each overlaps the one before it.
                pieces.push((at.max(2) - 2, at + cut));
                at += cut;
            }
            for (a, b) in swaps {
                let n = pieces.len();
                pieces.swap(a % n, b % n);
            }
            let mut assembly = Assembly::default();
            for (from, to) in pieces {
                prop_assert_eq!(assembly.put(from, &whole[from..to], whole.len()), Ok(()));
            }
            prop_assert_eq!(assembly.beginning(), &whole[..]);
        }
    }
}
