//! The spotter: whether something may begin at one place, for all entries at once.
//!
//! The lanes notice an entry by what may come late in its match. Where a piece ends, what has begun
//! and was not noticed yet must be known all the same, so that it is held back. The first bytes of
//! a place are tested by one table of bit masks each; a bit that stays set in all of them names
//! entries that may begin there. It lets through more than begins, never less.

use crate::bytes::ByteSet;
use crate::compiled::Unnoticed;
use crate::few::Few;
use crate::takers::{SIDES, side_of};

/// The most bytes right before a literal that may be any, and are known to be so few.
pub(crate) const ANY_MAX: usize = 2;
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
    /// By byte, what it says where little has come.
    bytes: Box<[Says; 256]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<u32>>,
    /// The buckets that hold an entry without a lead.
    alone: u64,
    /// By the number of bytes that are there from a place on: the buckets that hold an entry which
    /// may not have come up yet.
    late: Vec<u64>,
    /// By a number of bytes: those that hold an entry which may have more of any before a literal.
    any: [u64; ANY_MAX],
    /// Those that hold an entry which is noticed by literals, and by heads.
    by_literals: u64,
    by_heads: u64,
}

/// Bytes at the end of what has come of which there may be more to a literal, or to a head: what the lanes
/// say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Depths {
    pub(crate) literals: usize,
    pub(crate) heads: usize,
}

/// The buckets that hold an entry which may have a byte somewhere, while nothing of it was noticed. They lie
/// together, as they are seldom in the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Says {
    /// At its first places, whatever stands before.
    first: [u64; 4],
    /// Before a literal.
    before: u64,
}

/// What may begin at the next place, going back, as far as the bytes behind it tell; then at those before it.
struct Begin([u64; 3]);

impl Begin {
    /// The end of all bytes.
    const ANY: Self = Self([u64::MAX; 3]);

    /// What may begin at the place of a byte.
    #[inline(always)]
    fn at(&mut self, Says { first, .. }: &Says) -> u64 {
        let Self([next, second, third]) = self;
        let here = first[0] & *next;
        (*next, *second, *third) = (first[1] & *second, first[2] & *third, first[3]);
        here
    }
}

/// A place at which something may have begun of which nothing was noticed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// Bytes from there to the end.
    pub(crate) back: u32,
    /// The buckets that hold what may have.
    pub(crate) buckets: u64,
}

/// Such places, from the last one back.
pub(crate) type AllLate = Few<Late, 8>;

/// What a spotter knows of an entry.
pub(crate) struct Spot {
    /// The first byte, by what stands before.
    pub(crate) first: [ByteSet; SIDES],
    /// The first bytes.
    pub(crate) sets: Vec<ByteSet>,
    pub(crate) unnoticed: Unnoticed,
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
        let key = |spot: &Spot| {
            (matches!(spot.unnoticed, Unnoticed::Heads), spot.lead, spot.delay > NEAR)
        };
        let key = |index: &usize| spots.get(*index).map(|spot| (key(spot), &spot.sets));
        shared.sort_by(|one, other| key(one).cmp(&key(other)));
        let share = shared.len().div_ceil(BUCKETS - late).max(1);
        let longest = spots.iter().map(|spot| spot.delay).max().unwrap_or(0);
        let mut spotter = Self {
            first: Box::new([[0; 256]; SIDES]),
            next: Box::new([[0; 256]; DEPTH - 1]),
            bytes: Box::new([Says::default(); 256]),
            entries: Vec::new(),
            alone: 0,
            late: vec![0; longest],
            any: [0; ANY_MAX],
            by_literals: 0,
            by_heads: 0,
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
            for byte in set.iter().map(usize::from) {
                table[byte] |= bit;
                self.bytes[byte].first[0] |= bit;
            }
        }
        for (place, table) in (1..).zip(self.next.iter_mut()) {
            let set = spot.sets.get(place).copied().unwrap_or(ByteSet::ALL);
            for byte in set.iter().map(usize::from) {
                table[byte] |= bit;
                if let Some(mask) = self.bytes[byte].first.get_mut(place) {
                    *mask |= bit;
                }
            }
        }
        match spot.unnoticed {
            Unnoticed::Heads => self.by_heads |= bit,
            Unnoticed::Literals { before, any } => {
                self.by_literals |= bit;
                self.any.iter_mut().take(any).for_each(|mask| *mask |= bit);
                before.iter().for_each(|byte| self.bytes[usize::from(byte)].before |= bit);
            }
        }
        self.alone |= if spot.lead.is_none() { bit } else { 0 };
        self.late.iter_mut().take(spot.delay).for_each(|mask| *mask |= bit);
    }

    /// Bytes that are there at most behind a place from which on something has not come up yet.
    pub(crate) const fn longest(&self) -> usize {
        self.late.len().saturating_sub(1)
    }

    /// The places of `bytes` at which entries of some buckets may have begun of which nothing was noticed yet, as
    /// far as the bytes from there on and the lanes tell. Each of `sought` is buckets, and the number of
    /// bytes at the end in which they are not sought.
    pub(crate) fn late(&self, sought: [(u64, usize); 2], bytes: &[u8], depths: Depths) -> AllLate {
        let mut late = AllLate::new(0);
        let [(one, one_from), (other, other_from)] = sought;
        let mut literals = (one | other) & self.by_literals;
        let mut heads = (one | other) & self.by_heads;
        let mut begin = Begin::ANY;
        for ((back, byte), of_place) in (1..).zip(bytes.iter().rev()).zip(self.late.iter().skip(1))
        {
            let says = &self.bytes[usize::from(*byte)];
            // What begins farther away has this byte in it, too.
            if let Some(before) = usize::checked_sub(back, depths.literals + 1) {
                literals &= says.before | self.any.get(before).copied().unwrap_or(0);
            }
            heads &= if back > depths.heads { 0 } else { u64::MAX };
            let alive = (literals | heads) & of_place;
            if alive == 0 {
                break;
            }
            let mut buckets = alive & begin.at(says);
            if buckets == 0 {
                continue;
            }
            buckets &=
                if back > one_from { one } else { 0 } | if back > other_from { other } else { 0 };
            if buckets != 0 {
                let back = u32::try_from(back).unwrap_or(u32::MAX);
                late.push(Late { back, buckets });
            }
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
            size_of_val(&*self.first) + size_of_val(&*self.next) + size_of_val(&*self.bytes);
        tables + size_of_val(&*self.late) + entries * size_of::<u32>()
    }
}
