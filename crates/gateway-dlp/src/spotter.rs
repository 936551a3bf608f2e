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
/// How many of them hold one entry each: those that are of interest at most places, come up last.
const OWN_BUCKETS: usize = 16;

/// Tells where something may begin.
pub(crate) struct Spotter {
    /// By the kind of the byte before a place, and the first byte there.
    first: Box<[[u64; 256]; SIDES]>,
    /// By the bytes behind the first.
    next: Box<[[u64; 256]; DEPTH - 1]>,
    /// By byte, what it says at the end.
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

/// What a byte says at the end of what has come. It lies together, as it is seldom in the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Says {
    /// The buckets that hold an entry which may have it at its first places, whatever stands before.
    first: [u64; FIRST],
    /// Those that hold one which may have it before a literal.
    before: u64,
    /// The leads that may have it: those of the first group.
    leads: u64,
}

/// First bytes of an entry of which it says something.
const FIRST: usize = 6;

/// What may begin at the next place, going back, as far as the bytes behind it tell; then at those before it.
struct Begin([u64; FIRST - 1]);

impl Begin {
    /// The end of all bytes.
    const ANY: Self = Self([u64::MAX; FIRST - 1]);

    /// What may begin at the place of a byte.
    #[inline(always)]
    fn at(&mut self, Says { first: [here, behind @ ..], .. }: &Says) -> u64 {
        let Self(known) = self;
        let here = here & known[0];
        known.rotate_left(1);
        known[FIRST - 2] = u64::MAX;
        known.iter_mut().zip(behind).for_each(|(known, says)| *known &= says);
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

impl Spot {
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
    /// What tells where something of `spots` begins; `leads` says which leads of the first group may have a byte.
    pub(crate) fn new(spots: &[Spot], leads: impl Fn(u8) -> u64) -> Self {
        let (mut far, mut near): (Vec<usize>, Vec<usize>) =
            (0..spots.len()).partition(|index| spots.get(*index).is_some_and(Spot::is_far));
        far.sort_by_key(|index| std::cmp::Reverse(spots.get(*index).map_or(0, |spot| spot.delay)));
        near.extend(far.split_off(far.len().min(OWN_BUCKETS)));
        let shared = shared_buckets(spots, near, BUCKETS - far.len());
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
        let own = far.chunks(1).map(<[usize]>::to_vec);
        for (bucket, members) in own.chain(shared).enumerate() {
            for spot in members.iter().filter_map(|index| spots.get(*index)) {
                spotter.add(1 << bucket, spot);
            }
            let entries = members.iter().filter_map(|index| u32::try_from(*index).ok());
            spotter.entries.push(entries.collect());
        }
        for (byte, says) in (0..=u8::MAX).zip(spotter.bytes.iter_mut()) {
            says.leads = leads(byte);
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
        let mut note = |back: usize, buckets: u64| {
            let of_one = if back > one_from { one } else { 0 };
            let of_other = if back > other_from { other } else { 0 };
            let buckets = buckets & (of_one | of_other);
            if buckets != 0 {
                late.push(Late { back: u32::try_from(back).unwrap_or(u32::MAX), buckets });
            }
        };
        let mut literals = (one | other) & self.by_literals;
        let heads = (one | other) & self.by_heads;
        let mut begin = Begin::ANY;
        let mut places = (1..).zip(bytes.iter().rev()).zip(self.late.iter().skip(1));
        // What has come in part is near the end.
        let near = depths.heads.max(depths.literals + ANY_MAX);
        for ((back, byte), of_place) in places.by_ref().take(near) {
            let says = &self.bytes[usize::from(*byte)];
            if let Some(before) = usize::checked_sub(back, depths.literals + 1) {
                literals &= says.before | self.any.get(before).copied().unwrap_or(0);
            }
            let of_heads = if back > depths.heads { 0 } else { heads };
            note(back, (literals | of_heads) & of_place & begin.at(says));
        }
        // Farther away it has all bytes behind it in it, too.
        for ((back, byte), of_place) in places {
            let says = &self.bytes[usize::from(*byte)];
            literals &= says.before & of_place;
            if literals == 0 {
                break;
            }
            let buckets = literals & begin.at(says);
            if buckets != 0 {
                note(back, buckets);
            }
        }
        late
    }

    /// The leads of the first group that may have `byte`.
    pub(crate) fn leads(&self, byte: u8) -> u64 {
        self.bytes[usize::from(byte)].leads
    }

    /// The buckets that hold an entry without a lead.
    pub(crate) const fn alone(&self) -> u64 {
        self.alone
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
        let tables =
            size_of_val(&*self.first) + size_of_val(&*self.next) + size_of_val(&*self.bytes);
        tables + size_of_val(&*self.late) + entries * size_of::<u32>()
    }
}
