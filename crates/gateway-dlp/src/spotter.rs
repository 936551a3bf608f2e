//! The spotter: whether something may begin at one place, for all entries at once.
//!
//! The lanes notice an entry by what may come late in its match. Where a piece ends, what has begun
//! and was not noticed yet must be known all the same, so that it is held back. The first bytes of
//! a place are tested by one table of bit masks each; a bit that stays set in all of them names
//! entries that may begin there. It lets through more than begins, never less.

use crate::bytes::ByteSet;

/// Bytes that are tested.
pub(crate) const DEPTH: usize = 8;

/// The number of buckets: bits of a mask.
const BUCKETS: usize = u64::BITS as usize;

/// Tells where something may begin.
pub(crate) struct Spotter {
    at: Box<[[u64; 256]; DEPTH]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<u32>>,
}

impl Spotter {
    /// A spotter for entries whose first bytes are in these sets.
    pub(crate) fn new(entries: &[Vec<ByteSet>]) -> Self {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|index| entries.get(*index));
        let share = entries.len().div_ceil(BUCKETS).max(1);
        let mut at = Box::new([[0; 256]; DEPTH]);
        let mut buckets = Vec::new();
        for (bucket, members) in order.chunks(share).enumerate() {
            for sets in members.iter().filter_map(|index| entries.get(*index)) {
                for (place, table) in at.iter_mut().enumerate() {
                    for byte in sets.get(place).copied().unwrap_or(ByteSet::ALL).iter() {
                        table[usize::from(byte)] |= 1_u64 << bucket;
                    }
                }
            }
            buckets.push(members.iter().filter_map(|index| u32::try_from(*index).ok()).collect());
        }
        Self { at, entries: buckets }
    }

    /// The entries that may begin with `bytes`; fewer than [`DEPTH`] may go on with anything.
    pub(crate) fn begin(&self, bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let mut mask = u64::MAX;
        for (table, byte) in self.at.iter().zip(bytes) {
            mask &= table[usize::from(*byte)];
            if mask == 0 {
                break;
            }
        }
        std::iter::from_fn(move || {
            if mask == 0 {
                return None;
            }
            let lowest = mask.trailing_zeros();
            mask &= mask - 1;
            Some(self.entries.get(lowest as usize).map_or(&[][..], Vec::as_slice))
        })
        .flatten()
        .copied()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let entries: usize = self.entries.iter().map(Vec::len).sum();
        size_of_val(&*self.at) + entries * size_of::<u32>()
    }
}
