//! The spotter: whether something may begin at one place, for all entries at once.
//!
//! The lanes notice an entry by what may come late in its match. Where a piece ends, what has begun
//! and was not noticed yet must be known all the same, so that it is held back. The first bytes of
//! a place are tested by one table of bit masks each; a bit that stays set in all of them names
//! entries that may begin there. It lets through more than begins, never less.

use crate::bytes::ByteSet;
use crate::few::Few;
use crate::takers::{SIDES, side_of};

/// Bytes that are tested.
pub(crate) const DEPTH: usize = 8;

/// The number of buckets: bits of a mask.
const BUCKETS: usize = u64::BITS as usize;
/// How many of them hold one entry each: those that come up last, which are of interest at most places.
const OWN_BUCKETS: usize = 16;

/// Bytes behind a place from which on only a few entries are of interest there.
const NEAR: usize = 12;

/// Tells where something may begin.
pub(crate) struct Spotter {
    /// By the kind of the byte before a place, and the first byte there.
    first: Box<[[u64; 256]; SIDES]>,
    /// By the bytes behind the first.
    next: Box<[[u64; 256]; DEPTH - 1]>,
    /// By a byte that stands in what has begun while nothing of it was noticed.
    within: Box<[u64; 256]>,
    /// By one that does so before the last bytes.
    between: Box<[u64; 256]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<u32>>,
    /// The buckets that hold an entry without a lead.
    alone: u64,
    /// By the number of bytes that are there from a place on: the buckets that hold an entry which
    /// may not have come up yet.
    late: Vec<u64>,
    /// By the same, those of an entry for which so many are among the last bytes.
    ends: Vec<u64>,
}

/// Masks of buckets by place, from the last one back.
pub(crate) type Late = Few<u64, 64>;

/// What a spotter knows of an entry.
pub(crate) struct Spot {
    /// The first byte, by what stands before.
    pub(crate) first: [ByteSet; SIDES],
    /// The first bytes.
    pub(crate) sets: Vec<ByteSet>,
    /// The bytes that may stand in it while nothing of it was noticed.
    pub(crate) within: ByteSet,
    /// Those that may stand before the last ones.
    pub(crate) between: ByteSet,
    /// Of the last ones, how many there are at the most.
    pub(crate) end: usize,
    /// Bytes after which it has come up.
    pub(crate) delay: usize,
    /// What stands at the front of a match before the place at which it is spotted: its lead, by index.
    pub(crate) lead: Option<u32>,
}

impl Spotter {
    pub(crate) fn new(spots: &[Spot]) -> Self {
        let mut order: Vec<usize> = (0..spots.len()).collect();
        let delay = |index: &usize| spots.get(*index).map_or(0, |spot| spot.delay);
        order.sort_by_key(|index| std::cmp::Reverse(delay(index)));
        let late = order.iter().take(OWN_BUCKETS).take_while(|index| delay(index) > NEAR).count();
        let mut shared = order.split_off(late);
        let key = |index: &usize| spots.get(*index).map(|s| (s.lead, s.delay > NEAR, &s.sets));
        shared.sort_by(|one, other| key(one).cmp(&key(other)));
        let share = shared.len().div_ceil(BUCKETS - late).max(1);
        let longest = spots.iter().map(|spot| spot.delay).max().unwrap_or(0);
        let mut spotter = Self {
            first: Box::new([[0; 256]; SIDES]),
            next: Box::new([[0; 256]; DEPTH - 1]),
            within: Box::new([0; 256]),
            between: Box::new([0; 256]),
            entries: Vec::new(),
            alone: 0,
            late: vec![0; longest],
            ends: vec![0; longest],
        };
        for (bucket, members) in order.chunks(1).chain(shared.chunks(share)).enumerate() {
            for spot in members.iter().filter_map(|index| spots.get(*index)) {
                spotter.add(1 << bucket, spot);
            }
            let entries = members.iter().filter_map(|index| u32::try_from(*index).ok());
            spotter.entries.push(entries.collect());
        }
        spotter
    }

    fn add(&mut self, bit: u64, spot: &Spot) {
        for (table, set) in self.first.iter_mut().zip(spot.first) {
            set.iter().for_each(|byte| table[usize::from(byte)] |= bit);
        }
        for (place, table) in (1..).zip(self.next.iter_mut()) {
            for byte in spot.sets.get(place).copied().unwrap_or(ByteSet::ALL).iter() {
                table[usize::from(byte)] |= bit;
            }
        }
        spot.within.iter().for_each(|byte| self.within[usize::from(byte)] |= bit);
        spot.between.iter().for_each(|byte| self.between[usize::from(byte)] |= bit);
        self.alone |= if spot.lead.is_none() { bit } else { 0 };
        self.late.iter_mut().take(spot.delay).for_each(|mask| *mask |= bit);
        self.ends.iter_mut().take(spot.end).for_each(|mask| *mask |= bit);
    }

    /// Bytes that are there at most behind a place from which on something has not come up yet.
    pub(crate) const fn longest(&self) -> usize {
        self.late.len().saturating_sub(1)
    }

    /// By byte from the last of `bytes` back, as far as there are any: those of `buckets` that hold an entry of
    /// which nothing was noticed yet if it began there, as far as the bytes from there on tell.
    pub(crate) fn late(&self, buckets: u64, bytes: &[u8]) -> Late {
        let mut late = Late::new(0);
        let mut alive = buckets;
        let places = self.late.iter().zip(&self.ends).skip(1);
        for (byte, (of_place, ends)) in bytes.iter().rev().zip(places) {
            // What begins farther away has this byte in it, too.
            let has = |table: &[u64; 256]| table[usize::from(*byte)];
            alive &= of_place & (has(&self.within) & ends | has(&self.between) & !ends);
            if alive == 0 {
                break;
            }
            late.push(alive);
        }
        late
    }

    /// The buckets that hold an entry without a lead.
    pub(crate) const fn alone(&self) -> u64 {
        self.alone
    }

    /// Those of `buckets` that hold entries which may begin at the index `at` of `bytes`.
    #[inline(always)]
    pub(crate) fn begin_at(&self, buckets: u64, bytes: &[u8], at: usize) -> u64 {
        let before = at.checked_sub(1);
        let place = before.and_then(|before| bytes.get(before..)).and_then(<[u8]>::first_chunk);
        // Where one begins that may go on is as good as random here: to test more bytes takes less
        // than to guess wrong.
        if let Some::<&[u8; DEPTH + 1]>([before, b0, b1, b2, b3, rest @ ..]) = place {
            let first = self.first[side_of(Some(*before))][usize::from(*b0)];
            let next = |at: usize, byte: u8| self.next[at][usize::from(byte)];
            let buckets = buckets & first & next(0, *b1) & next(1, *b2) & next(2, *b3);
            return if buckets == 0 { 0 } else { self.go_on_behind(3, buckets, rest) };
        }
        let before = before.and_then(|before| bytes.get(before)).copied();
        let Some((b0, rest)) = bytes.get(at..).and_then(<[u8]>::split_first) else { return 0 };
        let first = self.first[side_of(before)][usize::from(*b0)];
        self.go_on_behind(0, buckets & first, rest)
    }

    /// Those of `buckets` that hold entries which may go on with `rest`, behind the first byte and
    /// so many others.
    #[inline(always)]
    fn go_on_behind(&self, others: usize, buckets: u64, rest: &[u8]) -> u64 {
        let tables = self.next.iter().skip(others).zip(rest);
        tables.fold(buckets, |buckets, (table, byte)| buckets & table[usize::from(*byte)])
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

    /// The number of the bucket of each of so many entries.
    pub(crate) fn buckets(&self, entries: usize) -> Vec<u32> {
        let mut buckets = vec![0; entries];
        for (bucket, members) in (0..).zip(&self.entries) {
            for entry in members {
                if let Some(slot) = buckets.get_mut(*entry as usize) {
                    *slot = bucket;
                }
            }
        }
        buckets
    }

    /// The entries of these buckets.
    pub(crate) fn entries(&self, mut buckets: u64) -> impl Iterator<Item = u32> + '_ {
        std::iter::from_fn(move || {
            if buckets == 0 {
                return None;
            }
            let lowest = buckets.trailing_zeros();
            buckets &= buckets - 1;
            Some(self.entries.get(lowest as usize).map_or(&[][..], Vec::as_slice))
        })
        .flatten()
        .copied()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        let entries: usize = self.entries.iter().map(Vec::len).sum();
        let tables =
            size_of_val(&*self.first) + size_of_val(&*self.next) + 2 * size_of_val(&*self.within);
        tables + 2 * size_of_val(&*self.late) + entries * size_of::<u32>()
    }
}
