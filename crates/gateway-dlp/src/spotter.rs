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

/// Bytes behind a place from which on only a few entries are of interest there.
const NEAR: usize = 12;

/// Tells where something may begin.
pub(crate) struct Spotter {
    at: Box<[[u64; 256]; DEPTH]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<u32>>,
    /// The buckets that hold an entry with a lead.
    led: u64,
    /// By the number of bytes that are there from a place on: the buckets that hold an entry which
    /// may not have come up yet.
    late: Vec<u64>,
}

/// What a spotter knows of an entry.
pub(crate) struct Spot {
    /// The first bytes.
    pub(crate) sets: Vec<ByteSet>,
    /// Bytes after which it has come up.
    pub(crate) delay: usize,
    /// Whether a match starts before the place at which it is spotted.
    pub(crate) is_led: bool,
}

/// Which entries are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// Those with a lead.
    Led,
}

impl Spotter {
    pub(crate) fn new(spots: &[Spot]) -> Self {
        let mut order: Vec<usize> = (0..spots.len()).collect();
        let key = |index: &usize| spots.get(*index).map(|s| (s.is_led, s.delay > NEAR, &s.sets));
        order.sort_by(|one, other| key(one).cmp(&key(other)));
        let share = spots.len().div_ceil(BUCKETS).max(1);
        let longest = spots.iter().map(|spot| spot.delay).max().unwrap_or(0);
        let mut spotter = Self {
            at: Box::new([[0; 256]; DEPTH]),
            entries: Vec::new(),
            led: 0,
            late: vec![0; longest],
        };
        for (bucket, members) in order.chunks(share).enumerate() {
            for spot in members.iter().filter_map(|index| spots.get(*index)) {
                spotter.add(1 << bucket, spot);
            }
            let entries = members.iter().filter_map(|index| u32::try_from(*index).ok());
            spotter.entries.push(entries.collect());
        }
        spotter
    }

    fn add(&mut self, bit: u64, spot: &Spot) {
        for (place, table) in self.at.iter_mut().enumerate() {
            for byte in spot.sets.get(place).copied().unwrap_or(ByteSet::ALL).iter() {
                table[usize::from(byte)] |= bit;
            }
        }
        self.led |= if spot.is_led { bit } else { 0 };
        self.late.iter_mut().take(spot.delay).for_each(|mask| *mask |= bit);
    }

    /// The buckets of the entries that may begin with the first of `bytes`, which are all that are
    /// there, and may not have come up yet.
    #[inline]
    fn mask(&self, bytes: &[u8], which: Which) -> u64 {
        let mut mask = self.late.get(bytes.len()).copied().unwrap_or(0);
        if which == Which::Led {
            mask &= self.led;
        }
        for (table, byte) in self.at.iter().zip(bytes) {
            mask &= table[usize::from(*byte)];
            if mask == 0 {
                break;
            }
        }
        mask
    }

    /// The entries that may begin with the first of `bytes`, which are all that are there, and
    /// may not have come up yet.
    pub(crate) fn begin(&self, bytes: &[u8], which: Which) -> impl Iterator<Item = u32> + '_ {
        let mut mask = self.mask(bytes, which);
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
        size_of_val(&*self.at) + size_of_val(&*self.late) + entries * size_of::<u32>()
    }
}
