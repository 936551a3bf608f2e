//! A table of hashes with flags: open addressing, eight bytes a place.

use super::hash::{ListSeed, place_of};

/// Bits of a place that hold flags; the hash stands above them. No flag at all is a free place.
const FLAG_BITS: u32 = 3;
const FLAGS: u64 = (1 << FLAG_BITS) - 1;
/// So many places are more than the caches hold: most of what is not there is told by a filter of
/// a byte for each entry.
const FILTERED_FROM: usize = 1 << 15;
/// Entries for each word of the filter.
const FILTER_SHARE: usize = 8;

/// Hashes below 2^61, each with flags from 1 to 7.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    seed: ListSeed,
    /// At least a quarter of them is free.
    places: Vec<u64>,
    used: usize,
    /// Two bits for each hash, both in one word; those of hashes that have gone stay. Empty where
    /// there are few.
    filter: Vec<u64>,
}

/// The two bits of a hash in its word of the filter.
const fn filter_bits(mixed: u64) -> u64 {
    1 << (mixed & 63) | 1 << (mixed >> 6 & 63)
}

impl Table {
    /// A table of hashes, whose flags are united where a hash comes twice.
    pub(super) fn new(seed: ListSeed, entries: &[(u64, u64)]) -> Self {
        let mut table = Self { seed, places: Vec::new(), used: 0, filter: Vec::new() };
        table.resize(entries.len());
        for (hash, flags) in entries {
            table.insert(*hash, *flags);
        }
        // Where most came twice there is no sense in keeping the room.
        if table.used < entries.len() / 2 {
            table.resize(table.used);
        }
        table
    }

    /// Makes room for so many: three fifths of the places are used then.
    fn resize(&mut self, count: usize) {
        let before = std::mem::take(&mut self.places);
        self.places = vec![0; count + count / 3 * 2 + 8];
        self.used = 0;
        let words = if count < FILTERED_FROM { 0 } else { count / FILTER_SHARE };
        self.filter = vec![0; words];
        for place in before.into_iter().filter(|place| *place != 0) {
            self.insert(place >> FLAG_BITS, place & FLAGS);
        }
    }

    /// The flags of a hash, 0 where it is not there.
    #[inline]
    pub(super) fn find(&self, hash: u64) -> u64 {
        let mixed = self.seed.mixed(hash);
        if let Some(word) = self.filter.get(place_of(mixed, self.filter.len())) {
            let bits = filter_bits(mixed);
            if word & bits != bits {
                return 0;
            }
        }
        match self.places.get(self.position(hash, mixed)) {
            Some(place) => place & FLAGS,
            None => 0,
        }
    }

    /// Where a hash stands, or else the free place where it would.
    #[inline]
    fn position(&self, hash: u64, mixed: u64) -> usize {
        let mut at = place_of(mixed, self.places.len());
        loop {
            match self.places.get(at) {
                Some(0) => return at,
                Some(place) if place >> FLAG_BITS == hash => return at,
                Some(_) => at += 1,
                None => at = 0,
            }
        }
    }

    /// Adds flags to those of a hash.
    pub(super) fn insert(&mut self, hash: u64, flags: u64) {
        let mixed = self.seed.mixed(hash);
        let word = place_of(mixed, self.filter.len());
        if let Some(word) = self.filter.get_mut(word) {
            *word |= filter_bits(mixed);
        }
        let at = self.position(hash, mixed);
        let Some(place) = self.places.get_mut(at) else { return };
        let is_new = *place == 0;
        *place |= hash << FLAG_BITS | flags & FLAGS;
        if is_new {
            self.used += 1;
            if self.used > self.places.len() / 4 * 3 {
                self.resize(self.used);
            }
        }
    }

    /// Takes flags from those of a hash, which goes with its last one.
    pub(super) fn remove(&mut self, hash: u64, flags: u64) {
        let at = self.position(hash, self.seed.mixed(hash));
        let Some(place) = self.places.get_mut(at) else { return };
        if *place == 0 {
            return;
        }
        *place &= !(flags & FLAGS);
        if *place & FLAGS == 0 {
            self.used -= 1;
            self.close(at);
        }
    }

    /// Frees a place and moves up what would not be found behind a free one.
    fn close(&mut self, mut free: usize) {
        let count = self.places.len();
        let mut at = free;
        loop {
            at = if at + 1 == count { 0 } else { at + 1 };
            let place = self.places.get(at).copied().unwrap_or_default();
            if place == 0 {
                break;
            }
            let home = place_of(self.seed.mixed(place >> FLAG_BITS), count);
            // How far it may go back, and how far it would.
            let from_home = (at + count - home) % count;
            let from_free = (at + count - free) % count;
            if from_home >= from_free {
                if let Some(to) = self.places.get_mut(free) {
                    *to = place;
                }
                free = at;
            }
        }
        if let Some(place) = self.places.get_mut(free) {
            *place = 0;
        }
    }

    /// How many hashes there are.
    pub(super) const fn len(&self) -> usize {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::hash::SEED;
    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u64, u64),
        Remove(u64, u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0_u64..40, 1_u64..8).prop_map(|(hash, flags)| Step::Insert(hash, flags)),
            (0_u64..40, 1_u64..8).prop_map(|(hash, flags)| Step::Remove(hash, flags)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_map(
            first in prop::collection::vec((0_u64..40, 1_u64..8), 0..30),
            steps in prop::collection::vec(step(), 0..200),
        ) {
            let mut map = BTreeMap::new();
            for (hash, flags) in &first {
                *map.entry(*hash).or_insert(0) |= flags;
            }
            let mut table = Table::new(SEED, &first);
            for step in steps {
                match step {
                    Step::Insert(hash, flags) => {
                        table.insert(hash, flags);
                        *map.entry(hash).or_insert(0) |= flags;
                    }
                    Step::Remove(hash, flags) => {
                        table.remove(hash, flags);
                        let left = map.remove(&hash).unwrap_or(0) & !flags;
                        if left != 0 {
                            map.insert(hash, left);
                        }
                    }
                }
                prop_assert_eq!(table.len(), map.len());
                for hash in 0..40 {
                    prop_assert_eq!(table.find(hash), map.get(&hash).copied().unwrap_or(0));
                }
            }
        }
    }

    #[test]
    fn room_is_bounded() {
        let entries: Vec<(u64, u64)> = (0..100_000).map(|n| (n * n, 1)).collect();
        let table = Table::new(SEED, &entries);
        assert_eq!(table.len(), 100_000);
        assert!((table.places.len() + table.filter.len()) * 8 <= 17 * 100_000);
        assert!(!table.filter.is_empty() && entries.iter().all(|(hash, _)| table.find(*hash) == 1));
        assert!((0..100_000).all(|n| table.find(n * n + 1) == u64::from(n == 0)));
        let twice: Vec<(u64, u64)> = (0..100_000).map(|n| (n % 10, 1)).collect();
        assert!(Table::new(SEED, &twice).places.len() < 100);
    }
}
