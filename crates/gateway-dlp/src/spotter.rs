//! The spotter: whether something may begin at one place, for all entries at once.
//!
//! The lanes notice an entry by what may come late in its match. Where a piece ends, what has begun
//! and was not noticed yet must be known all the same, so that it is held back. The first bytes of
//! a place are tested by one table of bit masks each; a bit that stays set in all of them names
//! entries that may begin there. It lets through more than begins, never less.

use crate::bytes::ByteSet;
use crate::late::Unnoticed;
use crate::takers::{SIDES, side_of};

/// Bytes that are tested.
pub(crate) const DEPTH: usize = 8;

/// The number of buckets: bits of a mask.
const BUCKETS: usize = u64::BITS as usize;
/// How many of them hold one entry each: those that are of interest at most places, come up last.
const OWN_BUCKETS: usize = 16;

/// Tells where something may begin.
pub(crate) struct Spotter {
    /// By the kind of the byte before a place, and the first byte there.
    first: Box<[[u64; 256]; SIDES]>,
    /// By the bytes behind the first.
    next: Box<[[u64; 256]; DEPTH - 1]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<u32>>,
}

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

impl Spot {
    /// The bytes that may stand at one of the first places.
    pub(crate) fn set(&self, place: usize) -> ByteSet {
        self.sets.get(place).copied().unwrap_or(ByteSet::ALL)
    }

    /// Whether it may have begun though nothing of a literal has come.
    fn is_far(&self) -> bool {
        match self.unnoticed {
            Unnoticed::Heads => false,
            Unnoticed::Literals { before, any } => before != ByteSet::EMPTY || any > 0,
        }
    }
}

/// Parts entries into so many buckets, so that those of one are much alike and all have a lead, or none has.
fn shared_buckets(spots: &[Spot], mut entries: Vec<usize>, buckets: usize) -> Vec<Vec<usize>> {
    let group = |spot: &Spot| (matches!(spot.unnoticed, Unnoticed::Heads), spot.lead.is_some());
    let group = |index: &usize| spots.get(*index).map(group);
    let key = |index: &usize| spots.get(*index).map(|spot| (spot.lead, spot.is_far(), &spot.sets));
    entries.sort_by(|one, other| (group(one), key(one)).cmp(&(group(other), key(other))));
    let parted = |share: usize| {
        let groups = entries.chunk_by(|one, other| group(one) == group(other));
        groups.flat_map(move |group| group.chunks(share)).map(<[usize]>::to_vec).collect()
    };
    let share = entries.len().div_ceil(buckets).max(1);
    let all = (share..).map(parted).find(|all: &Vec<_>| all.len() <= buckets);
    all.unwrap_or_default()
}

impl Spotter {
    pub(crate) fn new(spots: &[Spot]) -> Self {
        let (mut far, mut near): (Vec<usize>, Vec<usize>) =
            (0..spots.len()).partition(|index| spots.get(*index).is_some_and(Spot::is_far));
        far.sort_by_key(|index| std::cmp::Reverse(spots.get(*index).map_or(0, |spot| spot.delay)));
        near.extend(far.split_off(far.len().min(OWN_BUCKETS)));
        let shared = shared_buckets(spots, near, BUCKETS - far.len());
        let mut spotter = Self {
            first: Box::new([[0; 256]; SIDES]),
            next: Box::new([[0; 256]; DEPTH - 1]),
            entries: Vec::new(),
        };
        let own = far.chunks(1).map(<[usize]>::to_vec);
        for (bucket, members) in own.chain(shared).enumerate() {
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
            for byte in spot.set(place).iter() {
                table[usize::from(byte)] |= bit;
            }
        }
    }

    /// Those of `buckets` that hold entries which may begin at the index `at` of `bytes`, as far as the byte there
    /// and the one before it tell.
    pub(crate) fn begin_at(&self, buckets: u64, bytes: &[u8], at: usize) -> u64 {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        let first = &self.first[side_of(before)];
        bytes.get(at).map_or(0, |byte| buckets & first[usize::from(*byte)])
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
        let tables = size_of_val(&*self.first) + size_of_val(&*self.next);
        tables + entries * size_of::<u32>()
    }
}
