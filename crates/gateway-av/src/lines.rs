//! The lines that signatures were made of, by a number for each: whether a line of a file that has
//! changed is in force already.
//!
//! Digests have none. They are as quickly looked up where they are searched for, and there are millions
//! of them.

use std::ops::Range;

use bytes::Bytes;

use crate::image::{Input, Stored, load_bulk, store_bulk};

/// Bytes of a number.
const BYTES: usize = 8;

/// The number of a line with another one of `form`; never zero. Of ten million lines two have the same
/// number by chance once in 370,000 times.
pub(crate) fn number(form: u8, line: &[u8]) -> u64 {
    let (words, rest) = line.as_chunks::<BYTES>();
    let mut last = [0; BYTES];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let mut state = fold(u64::from(form) << 56 ^ line.len() as u64);
    for word in words.iter().chain([&last]) {
        state = fold(state ^ u64::from_le_bytes(*word));
    }
    fold(state).max(1)
}

/// Both halves of a product, so that each bit depends on most bits; added to, so that a zero does not
/// stay one.
fn fold(value: u64) -> u64 {
    let product = u128::from(value) * 0x9E37_79B9_7F4A_7C15;
    (product as u64 ^ (product >> 64) as u64).wrapping_add(0xA076_1D64_78BD_642F)
}

/// The number that a sequence of lines with the number `before` has when a line with `number` is added.
pub(crate) fn followed(before: u64, number: u64) -> u64 {
    fold(before.rotate_left(1) ^ number).max(1)
}

/// Numbers of lines while they are loaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineList {
    /// Ids that follow one another, in order.
    runs: Vec<Range<u32>>,
    numbers: Vec<u64>,
}

impl LineList {
    /// The line of signature `id`, which is greater than all that were there, has `number`.
    pub(crate) fn push(&mut self, id: u32, number: u64) {
        match self.runs.last_mut() {
            Some(run) if run.end == id => run.end += 1,
            _ => self.runs.push(id..id.saturating_add(1)),
        }
        self.numbers.push(number);
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Forgets those of ids from `id` on.
    pub(crate) fn truncate(&mut self, id: u32) {
        self.runs.retain(|run| run.start < id);
        if let Some(last) = self.runs.last_mut() {
            last.end = last.end.min(id);
        }
        self.numbers.truncate(self.runs.iter().map(Range::len).sum());
    }

    /// All of them; the lines for whose ids `is_none` holds have no number.
    pub(crate) fn build(self, is_none: impl Fn(u32) -> bool) -> Lines {
        let ids = self.runs.iter().cloned().flatten();
        let numbers = ids.zip(&self.numbers).map(|(id, one)| if is_none(id) { 0 } else { *one });
        let mut bytes = Vec::with_capacity(self.numbers.len() * BYTES);
        numbers.for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        Lines { runs: self.runs.into(), numbers: bytes.into() }
    }
}

/// Numbers of lines by the ids of their signatures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    runs: Box<[Range<u32>]>,
    /// One behind the other.
    numbers: Bytes,
}

impl Lines {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len() / BYTES
    }

    /// Ids and numbers, in the order of the ids. Lines without a number are left out.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        let numbers = self.numbers.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
        self.runs.iter().cloned().flatten().zip(numbers).filter(|(_, number)| *number != 0)
    }

    /// How many of `ids`, which are in order, are signatures of which lines have numbers.
    pub(crate) fn count_of(&self, ids: impl Iterator<Item = u32>) -> usize {
        let mut runs = self.runs.iter();
        let mut run = runs.next();
        let is_one = |id: &u32| {
            while run.is_some_and(|run| run.end <= *id) {
                run = runs.next();
            }
            run.is_some_and(|run| run.contains(id))
        };
        ids.filter(is_one).count()
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        let runs: Vec<_> = self.runs.iter().map(|run| (run.start, run.end)).collect();
        runs.store(out);
        store_bulk(&self.numbers, out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let runs: Vec<(u32, u32)> = Stored::load(input)?;
        let runs: Box<[_]> = runs.into_iter().map(|(start, end)| start..end).collect();
        let numbers = load_bulk(input, bulk)?;
        let ids: u64 = runs.iter().map(|run| run.len() as u64).sum();
        let is_in_order = runs.is_sorted_by(|one, next| one.end <= next.start);
        let fits = is_in_order && ids.checked_mul(BYTES as u64) == Some(numbers.len() as u64);
        fits.then_some(Self { runs, numbers })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn lines_that_differ_have_other_numbers() {
        let mut numbers = BTreeSet::new();
        let mut all = 0;
        for len in 0..40usize {
            for at in 0..=len {
                for value in [0u8, 1, b'\n', b'0', b'1', 0x80, 0xFF] {
                    let mut line = vec![b'a'; len];
                    match line.get_mut(at) {
                        Some(byte) => *byte = value,
                        None if value == 0 => {}
                        None => continue,
                    }
                    for form in 0..3 {
                        numbers.insert(number(form, &line));
                        all += 1;
                    }
                }
            }
        }
        assert_eq!((numbers.len(), numbers.contains(&0)), (all, false));
        let (one, two) = (number(0, b"one"), number(0, b"two"));
        assert_ne!(followed(followed(0, one), two), followed(followed(0, two), one));
        assert_ne!(followed(0, one), 0);
    }

    fn list() -> LineList {
        let mut list = LineList::default();
        for id in [2, 3, 4, 9, 10] {
            list.push(id, u64::from(id) * 10);
        }
        list
    }

    #[test]
    fn numbers_are_those_of_their_ids() {
        let lines = list().build(|id| id == 3);
        let expected = [(2, 20), (4, 40), (9, 90), (10, 100)];
        assert_eq!((lines.len(), lines.iter().collect::<Vec<_>>()), (5, expected.to_vec()));
        assert_eq!(lines.count_of([0, 2, 3, 5, 8, 10, 11].into_iter()), 3);
        let (mut out, mut bulk) = (Vec::new(), vec![1]);
        lines.store(&mut out, &mut bulk);
        let loaded = Lines::load(&mut Input::new(&out), &bulk.clone().into()).unwrap();
        assert!(loaded.iter().eq(expected));
        for at in 1..out.len() {
            let mut other = out.clone();
            other[at] ^= 4;
            if let Some(other) = Lines::load(&mut Input::new(&other), &bulk.clone().into()) {
                assert_eq!(other.len(), other.runs.iter().map(Range::len).sum::<usize>());
            }
        }
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        for (to, left) in [(0, 0), (2, 0), (3, 1), (5, 3), (9, 3), (10, 4), (11, 5)] {
            let mut list = list();
            list.truncate(to);
            list.push(to.max(20), 7);
            assert_eq!(list.build(|_| false).len(), left + 1, "{to}");
        }
    }
}
