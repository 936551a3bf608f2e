//! What an image holds much of, and what is used as it stands there: texts, digests and numbers, looked
//! up and never walked through.

use std::ops::Range;

use bytes::Bytes;

use super::{Input, Stored};

/// Writes `bytes` to the bulk, and where they are there to `out`.
pub(crate) fn store_bulk(bytes: &[u8], out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
    (bulk.len(), bytes.len()).store(out);
    bulk.extend_from_slice(bytes);
}

/// The bytes of the bulk that `input` names. They are shared, not copied.
pub(crate) fn load_bulk(input: &mut Input<'_>, bulk: &Bytes) -> Option<Bytes> {
    let (at, len): (usize, usize) = Stored::load(input)?;
    let end = at.checked_add(len).filter(|end| *end <= bulk.len())?;
    Some(bulk.slice(at..end))
}

/// Numbers of 32 bits, the lowest byte first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words(Bytes);

impl Words {
    /// The numbers that `bytes` hold; `None` if a part of one is over.
    pub(crate) fn new(bytes: Bytes) -> Option<Self> {
        bytes.len().is_multiple_of(4).then_some(Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len() / 4
    }

    pub(crate) fn at(&self, index: usize) -> Option<u32> {
        let at = index.checked_mul(4)?;
        Some(u32::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }
}

impl Words {
    /// The numbers of a range of indices, as far as there are any.
    pub(crate) fn range(&self, range: Range<usize>) -> impl Iterator<Item = u32> {
        let words = self.0.as_chunks().0.get(range).unwrap_or_default();
        words.iter().map(|word| u32::from_le_bytes(*word))
    }
}

/// Numbers of as many bytes each as the greatest of them needs, the lowest byte first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow {
    /// Bytes of each, 1 to 4.
    width: usize,
    bytes: Bytes,
}

impl Narrow {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len().checked_div(self.width).unwrap_or(0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn at(&self, index: usize) -> Option<u32> {
        let at = index.checked_mul(self.width)?;
        let bytes = self.bytes.get(at..)?.get(..self.width)?;
        let wide = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        (self.width > 0).then_some(wide)
    }

    /// The first index from `from` on, of numbers in order, whose number is `bound` or more.
    pub(crate) fn partition(&self, from: usize, bound: u32) -> usize {
        let rest = self.bytes.get(from.saturating_mul(self.width)..).unwrap_or_default();
        let before = match self.width {
            1 => before::<1>(rest, bound),
            2 => before::<2>(rest, bound),
            3 => before::<3>(rest, bound),
            _ => before::<4>(rest, bound),
        };
        from + before
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.width.store(out);
        store_bulk(&self.bytes, out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let (width, bytes) = (usize::load(input)?, load_bulk(input, bulk)?);
        let fits = (1..=4).contains(&width) && bytes.len().is_multiple_of(width);
        fits.then_some(Self { width, bytes })
    }
}

impl FromIterator<u32> for Narrow {
    fn from_iter<T: IntoIterator<Item = u32>>(numbers: T) -> Self {
        let numbers: Vec<u32> = numbers.into_iter().collect();
        let max = numbers.iter().max().copied().unwrap_or(0);
        let width = (max.checked_ilog2().unwrap_or(0) / 8 + 1) as usize;
        let mut bytes = Vec::with_capacity(width * numbers.len());
        match width {
            1 => low_bytes::<1>(&numbers, &mut bytes),
            2 => low_bytes::<2>(&numbers, &mut bytes),
            3 => low_bytes::<3>(&numbers, &mut bytes),
            _ => low_bytes::<4>(&numbers, &mut bytes),
        }
        Self { width, bytes: bytes.into() }
    }
}

/// Numbers in front that are looked at before all of them are.
const NEAR: usize = 8;

/// How many of the numbers of `N` bytes each, which are in order, are less than `bound`. Mostly they are
/// few, so those in front are looked at first.
fn before<const N: usize>(numbers: &[u8], bound: u32) -> usize {
    let numbers: &[[u8; N]] = numbers.as_chunks().0;
    let is_before = |number: &[u8; N]| {
        let mut wide = [0; 4];
        wide.iter_mut().zip(number).for_each(|(to, from)| *to = *from);
        u32::from_le_bytes(wide) < bound
    };
    match numbers.split_at_checked(NEAR) {
        Some((near, _)) if !near.last().is_some_and(is_before) => near.partition_point(is_before),
        _ => numbers.partition_point(is_before),
    }
}

/// Puts the lowest `N` bytes of each number behind `out`.
fn low_bytes<const N: usize>(numbers: &[u32], out: &mut Vec<u8>) {
    for number in numbers {
        if let Some(bytes) = number.to_le_bytes().first_chunk::<N>() {
            out.extend_from_slice(bytes);
        }
    }
}

impl FromIterator<u32> for Words {
    fn from_iter<T: IntoIterator<Item = u32>>(words: T) -> Self {
        let words = words.into_iter();
        let mut bytes = Vec::with_capacity(4 * words.size_hint().0);
        words.for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
        Self(bytes.into())
    }
}

/// The first index of `range` for which `is_before` does not hold, where it holds for all before that
/// and for none behind.
pub(crate) fn partition(range: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (range.start, range.end);
    while from < to {
        let middle = from.midpoint(to);
        if is_before(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_looked_up_as_they_stand() {
        let words: Words = [1, 5, 5, 9].into_iter().collect();
        assert_eq!((words.len(), words.at(3), words.at(4)), (4, Some(9), None));
        let before = |bound| partition(0..4, |at| words.at(at).is_some_and(|one| one < bound));
        assert_eq!([0, 2, 5, 6, 10].map(before), [0, 1, 1, 3, 4]);
        let (mut out, mut bulk) = (Vec::new(), vec![7]);
        store_bulk(words.bytes(), &mut out, &mut bulk);
        let all = Bytes::from(bulk);
        let loaded = load_bulk(&mut Input::new(&out), &all).unwrap();
        assert_eq!(loaded, words.bytes());
        assert!(load_bulk(&mut Input::new(&out), &all.slice(..16)).is_none());
        assert!(Words::new(all).is_none());
    }

    #[test]
    fn numbers_take_what_the_greatest_needs() {
        for (max, width) in [(0, 1), (255, 1), (256, 2), (1 << 16, 3), (1 << 24, 4), (u32::MAX, 4)]
        {
            let numbers: Narrow = [7, max, 1].into_iter().collect();
            let (mut out, mut bulk) = (Vec::new(), vec![9]);
            numbers.store(&mut out, &mut bulk);
            let loaded = Narrow::load(&mut Input::new(&out), &Bytes::from(bulk)).unwrap();
            let all = [0, 1, 2, 3].map(|index| loaded.at(index));
            assert_eq!((all, numbers.width), ([Some(7), Some(max), Some(1), None], width));
            let mut sorted = vec![max; 9];
            sorted.extend([0, 0, 1, 5, 5, 5, 9, 9, 200].map(|one: u32| one.min(max)));
            sorted.sort_unstable();
            let numbers: Narrow = sorted.iter().copied().collect();
            for from in 0..=sorted.len() {
                for bound in [0, 1, 2, 5, 6, 200, max, max.saturating_add(1)] {
                    let expected = from + sorted[from..].partition_point(|one| *one < bound);
                    assert_eq!(numbers.partition(from, bound), expected, "{from} {bound} {max}");
                }
            }
        }
        assert_eq!((Narrow::default().at(0), Narrow::default().len()), (None, 0));
    }
}
