//! Where a chunk ends: the places at which something may have begun of which the lanes have noticed
//! nothing yet.
//!
//! The states of the lanes tell how many bytes of a literal or a head have come. Before these, an entry
//! has only such bytes as may stand before its literals: they are followed back, for all entries at once, as
//! masks of the buckets that the spotter puts them in.

use smallvec::SmallVec;

use crate::bytes::ByteSet;
use crate::spotter::Spot;

/// The most bytes right before a literal that may be any, and are known to be so few.
pub(crate) const ANY_MAX: usize = 2;
/// What is known of a match of which the lanes have noticed nothing yet.
#[derive(Clone, Copy)]
pub(crate) enum Unnoticed {
    /// One of its heads has come in part.
    Heads,
    /// One of its literals has, or none yet.
    Literals {
        /// The bytes that may stand before a literal, or in a token, but for those right before it.
        before: ByteSet,
        /// How many of those right before it may be any, at most [`ANY_MAX`].
        any: usize,
    },
}

/// Bytes at the end of what has come of which there may be more to a literal, or to a head: what the lanes
/// say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Depths {
    pub(crate) literals: usize,
    pub(crate) heads: usize,
}

/// First bytes of an entry of which a byte says something.
const FIRST: usize = 6;

/// What a byte says at the end of what has come. It lies together, as it is seldom in the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Says {
    /// The buckets that hold an entry which may have it at its first places, whatever stands before.
    first: [u64; FIRST],
    /// Those that hold one which may have it before a literal.
    before: u64,
}

/// What may begin at the next place, going back, as far as the bytes behind it tell; then at those before it.
struct Begin([u64; FIRST - 1]);

impl Begin {
    /// The end of all bytes.
    const ANY: Self = Self([u64::MAX; FIRST - 1]);

    /// What may begin at the place of a byte.
    #[inline(always)]
    fn at(&mut self, Says { first: [here, one, two, three, four, five], .. }: &Says) -> u64 {
        let Self([next, second, third, fourth, fifth]) = *self;
        *self = Self([one & second, two & third, three & fourth, four & fifth, *five]);
        here & next
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
pub(crate) type AllLate = SmallVec<[Late; 8]>;

/// Finds such places.
pub(crate) struct LatePlaces {
    /// By byte, what it says at the end.
    bytes: Box<[Says; 256]>,
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

impl LatePlaces {
    /// Those of `spots`, each in its bucket.
    pub(crate) fn new(spots: &[Spot], buckets: &[u32]) -> Self {
        let longest = spots.iter().map(|spot| spot.delay).max().unwrap_or(0);
        let mut places = Self {
            bytes: Box::new([Says::default(); 256]),
            alone: 0,
            late: vec![0; longest],
            any: [0; ANY_MAX],
            by_literals: 0,
            by_heads: 0,
        };
        for (spot, bucket) in spots.iter().zip(buckets) {
            places.add(1 << bucket, spot);
        }
        places
    }

    fn add(&mut self, bit: u64, spot: &Spot) {
        for set in spot.first {
            set.iter().for_each(|byte| self.bytes[usize::from(byte)].first[0] |= bit);
        }
        for place in 1..FIRST {
            let set = spot.set(place);
            set.iter().for_each(|byte| self.bytes[usize::from(byte)].first[place] |= bit);
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

    /// The buckets that hold an entry without a lead.
    pub(crate) const fn alone(&self) -> u64 {
        self.alone
    }

    /// The places of `bytes`, as far as the bytes from there on and the lanes tell. Each of `sought` is buckets,
    /// and the number of bytes at the end in which they are not sought.
    pub(crate) fn find(&self, sought: [(u64, usize); 2], bytes: &[u8], depths: Depths) -> AllLate {
        let mut late = AllLate::new();
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

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.bytes) + size_of_val(&*self.late)
    }
}
