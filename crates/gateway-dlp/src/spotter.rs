//! The spotter: whether something may begin at one place, for all entries at once.
//!
//! What a lane finds may stand in many entries. The first bytes of a place are tested by one table of bit
//! masks each; a bit that stays set in all of them names entries that may begin there. It lets through
//! more than begins, never less.

use crate::bytes::ByteSet;
use crate::takers::{SIDES, side_of};

/// Bytes that are tested.
pub(crate) const DEPTH: usize = 8;

/// The number of buckets: bits of a mask.
const BUCKETS: usize = u64::BITS as usize;

/// Tells where something may begin.
pub(crate) struct Spotter {
    /// By the kind of the byte before a place, and the first byte there.
    first: Box<[[u64; 256]; SIDES]>,
    /// By the bytes behind the first.
    next: Box<[[u64; 256]; DEPTH - 1]>,
}

/// What a spotter knows of an entry.
pub(crate) struct Spot {
    /// The first byte, by what stands before.
    pub(crate) first: [ByteSet; SIDES],
    /// The first bytes.
    pub(crate) sets: Vec<ByteSet>,
}

impl Spot {
    /// The bytes that may stand at one of the first places.
    pub(crate) fn set(&self, place: usize) -> ByteSet {
        self.sets.get(place).copied().unwrap_or(ByteSet::ALL)
    }
}

impl Spotter {
    /// That of `spots`, and the number of the bucket of each: those of one bucket are much alike.
    pub(crate) fn new(spots: &[Spot]) -> (Self, Vec<u32>) {
        let mut spotter =
            Self { first: Box::new([[0; 256]; SIDES]), next: Box::new([[0; 256]; DEPTH - 1]) };
        let mut in_order: Vec<usize> = (0..spots.len()).collect();
        in_order.sort_by_key(|index| spots.get(*index).map(|spot| &spot.sets));
        let mut buckets = vec![0; spots.len()];
        let share = spots.len().div_ceil(BUCKETS).max(1);
        for (bucket, members) in (0..).zip(in_order.chunks(share)) {
            for index in members {
                if let (Some(spot), Some(slot)) = (spots.get(*index), buckets.get_mut(*index)) {
                    spotter.add(1 << bucket, spot);
                    *slot = bucket;
                }
            }
        }
        (spotter, buckets)
    }

    fn add(&mut self, bit: u64, spot: &Spot) {
        for (table, set) in self.first.iter_mut().zip(spot.first) {
            set.iter().for_each(|byte| table[usize::from(byte)] |= bit);
        }
        for (place, table) in (1..).zip(self.next.iter_mut()) {
            for byte in spot.set(place).iter() {
                table[usize::from(byte)] |= bit;
            }
        }
    }

    /// Those of `buckets` that hold entries which may begin with `bytes`, behind the byte `before`.
    #[inline(always)]
    pub(crate) fn begin_among(&self, mut buckets: u64, before: Option<u8>, bytes: &[u8]) -> u64 {
        let Some((first, rest)) = bytes.split_first() else { return 0 };
        buckets &= self.first[side_of(before)][usize::from(*first)];
        if buckets == 0 || rest.is_empty() { buckets } else { self.go_on(buckets, rest) }
    }

    /// Those of `buckets` that hold entries which may go on with `rest`, behind a first byte.
    fn go_on(&self, mut buckets: u64, rest: &[u8]) -> u64 {
        for (table, byte) in self.next.iter().zip(rest) {
            buckets &= table[usize::from(*byte)];
            if buckets == 0 {
                break;
            }
        }
        buckets
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.first) + size_of_val(&*self.next)
    }
}
