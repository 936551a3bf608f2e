//! Lines of digests by some sixteen at a time: whether many lines of a file that has changed are in force
//! already, without looking up each of their digests.
//!
//! Where a block ends is said by its lines, so that a line which comes or goes changes the block that it is in
//! and no other one.

use std::ops::Range;

use bytes::Bytes;

use crate::image::{Input, Words, load_bulk, store_bulk};
use crate::lines::followed;
use crate::mask::Ids;

/// Bytes of the number of a block.
const BYTES: usize = 8;

/// One line in so many is the last one of its block.
const LINES: u64 = 16;

/// Lines of a block, at most.
const LINES_MAX: u8 = 64;

/// A block of which not all lines have come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Block {
    number: u64,
    len: u8,
}

impl Block {
    /// A line with this number comes. Whether it is the last one.
    pub(crate) fn add(&mut self, line: u64) -> bool {
        self.number = followed(self.number, line);
        self.len += 1;
        line.is_multiple_of(LINES) || self.len >= LINES_MAX
    }

    /// How many lines have come.
    pub(crate) const fn len(&self) -> u8 {
        self.len
    }
}

/// Blocks while they are loaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockList(Vec<(u64, u32, u8)>);

impl BlockList {
    /// The signatures of a block have these ids; where they are not as many as its lines, it is passed
    /// over.
    pub(crate) fn push(&mut self, block: Block, ids: Range<u32>) {
        if block.len > 0 && ids.len() == usize::from(block.len) {
            self.0.push((block.number, ids.start, block.len));
        }
    }

    /// Forgets blocks with ids from `id` on.
    pub(crate) fn truncate(&mut self, id: u32) {
        self.0.retain(|(_, first, len)| first.saturating_add(u32::from(*len)) <= id);
    }

    /// All of them, but for those that hold an id for which there is `has_none`.
    pub(crate) fn build(mut self, has_none: impl Fn(Range<u32>) -> bool) -> Blocks {
        self.0.retain(|(_, first, len)| !has_none(*first..first.saturating_add(u32::from(*len))));
        self.0.sort_unstable();
        let mut numbers = Vec::with_capacity(self.0.len() * BYTES);
        self.0.iter().for_each(|(number, ..)| numbers.extend_from_slice(&number.to_le_bytes()));
        Blocks {
            numbers: numbers.into(),
            firsts: self.0.iter().map(|(_, first, _)| *first).collect(),
            lens: self.0.iter().map(|(.., len)| *len).collect(),
        }
    }
}

/// Blocks, by their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    /// In order.
    numbers: Bytes,
    /// The id of the first signature of each.
    firsts: Words,
    /// How many signatures each has.
    lens: Bytes,
}

impl Blocks {
    /// Takes the signatures of a block like `block` out of `unmet`, if all of those of one are in there.
    pub(crate) fn meet(&self, block: Block, unmet: &mut Ids) -> bool {
        let numbers: &[[u8; BYTES]] = self.numbers.as_chunks().0;
        let number = |bytes: &[u8; BYTES]| u64::from_le_bytes(*bytes);
        let first = numbers.partition_point(|bytes| number(bytes) < block.number);
        let same = numbers.iter().skip(first).take_while(|bytes| number(bytes) == block.number);
        let mut ids = same.zip(first..).filter_map(|(_, index)| self.ids(index));
        let found = ids.find(|ids| ids.clone().all(|id| unmet.contains(id)));
        let Some(ids) = found else { return false };
        ids.for_each(|id| _ = unmet.remove(id));
        true
    }

    fn ids(&self, index: usize) -> Option<Range<u32>> {
        let first = self.firsts.at(index)?;
        Some(first..first.checked_add(u32::from(*self.lens.get(index)?))?)
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        store_bulk(&self.numbers, out, bulk);
        store_bulk(self.firsts.bytes(), out, bulk);
        store_bulk(&self.lens, out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let numbers = load_bulk(input, bulk)?;
        let firsts = Words::new(load_bulk(input, bulk)?)?;
        Some(Self { numbers, firsts, lens: load_bulk(input, bulk)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::number;

    /// The blocks of lines with these names, and how many lines each has.
    fn blocks(lines: impl Iterator<Item = u32>) -> Vec<(Block, u8)> {
        let (mut all, mut block) = (Vec::new(), Block::default());
        for line in lines {
            if block.add(number(7, &line.to_le_bytes())) {
                all.push((block, block.len()));
                block = Block::default();
            }
        }
        all.push((block, block.len()));
        all
    }

    #[test]
    fn a_line_changes_its_block_alone() {
        let all = blocks(0..2000);
        let mean = 2000 / all.len();
        assert!((12..=20).contains(&mean), "{mean} lines a block");
        let mut list = BlockList::default();
        let mut at = 0;
        for (block, len) in &all {
            list.push(*block, at..at + u32::from(*len));
            at += u32::from(*len);
        }
        let built = list.clone().build(|ids| ids.contains(&1999));
        for gone in [0, 7, 1000, 1990] {
            let mut unmet = Ids::default();
            (0..2000).for_each(|id| unmet.insert(id));
            let others = blocks((0..2000).filter(|line| *line != gone));
            others.iter().for_each(|(block, _)| _ = built.meet(*block, &mut unmet));
            let left = unmet.iter().count();
            assert!(unmet.contains(gone) && unmet.contains(1999) && left < 140, "{left} of {gone}");
            // Each is met once.
            assert!(others.iter().all(|(block, _)| !built.meet(*block, &mut unmet)));
        }
        let (mut out, mut bulk) = (Vec::new(), Vec::new());
        built.store(&mut out, &mut bulk);
        let loaded = Blocks::load(&mut Input::new(&out), &bulk.into()).unwrap();
        let mut unmet = Ids::default();
        (0..100).for_each(|id| unmet.insert(id));
        assert!(loaded.meet(all[0].0, &mut unmet) && !unmet.contains(0));
    }

    #[test]
    fn a_block_counts_with_all_its_signatures() {
        let mut block = Block::default();
        block.add(1);
        block.add(2);
        for (ids, is_one) in [(3..5, true), (3..4, false), (3..6, false)] {
            let mut list = BlockList::default();
            list.push(block, ids);
            let mut unmet = Ids::default();
            unmet.insert(3);
            assert!(!list.clone().build(|_| false).meet(block, &mut unmet));
            unmet.insert(4);
            let mut others = list.clone();
            others.truncate(4);
            assert!(!others.build(|_| false).meet(block, &mut unmet));
            assert_eq!(list.build(|_| false).meet(block, &mut unmet), is_one);
        }
    }
}
