//! A table of counters for a bounded number of keys, shared by threads without a lock.
//!
//! Each key has eight places to be in. Where all eight are taken by others that still count, the one
//! with the least counts gives way, and its counts stay for who comes: no count is too low.

use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Places of a key.
const WAYS: usize = 8;

/// One counter. The key 0 is nobody's.
#[derive(Debug, Default)]
struct Slot {
    key: AtomicU64,
    /// The number of the window that `current` is of.
    window: AtomicU64,
    current: AtomicU64,
    /// What was counted in the window before it.
    previous: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Table(Box<[Slot]>);

/// The number that `what` of a kind is counted under.
pub(super) fn key(seed: u64, kind: u8, what: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(seed);
    hasher.write_u8(kind);
    hasher.write(what);
    hasher.finish().max(1)
}

/// A moment, in windows.
#[derive(Clone, Copy)]
struct Moment {
    window: u64,
    /// How much of the window before it still counts, of `length`.
    left: u64,
    length: u64,
}

impl Table {
    pub(super) fn new(keys_max: usize) -> Self {
        let keys = keys_max.clamp(WAYS, super::Quota::KEYS_MAX).next_power_of_two();
        Self((0..keys).map(|_| Slot::default()).collect())
    }

    /// Counts `amount` for `key`; gives what is counted by now in the window that ends at `unix_ms`
    /// and is `length` milliseconds long.
    pub(super) fn add(&self, key: u64, amount: u64, unix_ms: u64, length: u64) -> u64 {
        let length = length.max(1);
        let moment =
            Moment { window: unix_ms / length + 1, left: length - unix_ms % length, length };
        let sets = (self.0.len() / WAYS).max(1) as u64;
        let first = usize::try_from(key % sets).unwrap_or(0) * WAYS;
        let places = self.0.get(first..first + WAYS).unwrap_or_default();
        let Some(slot) = place(places, key, moment) else { return amount };
        slot.open(moment);
        slot.current.fetch_add(amount, Relaxed);
        slot.counted(moment)
    }
}

/// The place of a key, taken from somebody else if it has none.
fn place(places: &[Slot], key: u64, moment: Moment) -> Option<&Slot> {
    if let Some(own) = places.iter().find(|slot| slot.key.load(Relaxed) == key) {
        return Some(own);
    }
    for slot in places {
        let holder = slot.key.load(Relaxed);
        let is_over = slot.window.load(Relaxed) + 1 < moment.window;
        if (holder == 0 || is_over) && slot.take(holder, key) {
            return Some(slot);
        }
        // Another thread was faster, and perhaps for the same.
        if slot.key.load(Relaxed) == key {
            return Some(slot);
        }
    }
    let least = places.iter().min_by_key(|slot| slot.counted(moment))?;
    let _ = least.take(least.key.load(Relaxed), key);
    Some(least)
}

impl Slot {
    fn take(&self, holder: u64, key: u64) -> bool {
        self.key.compare_exchange(holder, key, Relaxed, Relaxed).is_ok()
    }

    /// Begins the window of this moment, if nobody has.
    fn open(&self, moment: Moment) {
        let window = self.window.load(Relaxed);
        let is_first = window < moment.window
            && self.window.compare_exchange(window, moment.window, Relaxed, Relaxed).is_ok();
        if is_first {
            let counted = self.current.swap(0, Relaxed);
            let is_next = window + 1 == moment.window;
            self.previous.store(if is_next { counted } else { 0 }, Relaxed);
        }
    }

    /// What is counted in the window that ends at this moment.
    fn counted(&self, moment: Moment) -> u64 {
        let (current, previous) = (self.current.load(Relaxed), self.previous.load(Relaxed));
        let part = |counts: u64| {
            let part = u128::from(counts) * u128::from(moment.left) / u128::from(moment.length);
            u64::try_from(part).unwrap_or(u64::MAX)
        };
        match moment.window.saturating_sub(self.window.load(Relaxed)) {
            0 => current.saturating_add(part(previous)),
            1 => part(current),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_slide() {
        let table = Table::new(64);
        for (at, amount, counted) in [
            (0, 4, 4),
            (999, 0, 4),
            (1_000, 0, 4),
            (1_500, 0, 2),
            (1_750, 3, 4),
            (2_000, 0, 3),
            (2_500, 0, 1),
            (9_000, 1, 1),
            // A clock that goes back counts in the window that is open.
            (8_500, 1, 2),
        ] {
            assert_eq!(table.add(1, amount, at, 1_000), counted, "at {at}");
        }
    }

    #[test]
    fn threads_lose_nothing_within_a_window() {
        let table = Table::new(1_024);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|n| _ = table.add(n % 16 + 1, 1, 0, 1_000)));
            }
        });
        for key in 1..=16 {
            assert_eq!(table.add(key, 0, 0, 1_000), 2_500);
        }
    }

    proptest! {
        /// However many keys there are: within a window nobody is counted too low, and too high by
        /// no more than what was counted for others.
        #[test]
        fn no_count_is_too_low(keys in prop::collection::vec((1_u64..60, 0_u64..5), 1..400)) {
            let table = Table::new(16);
            let mut exact: BTreeMap<u64, u64> = BTreeMap::new();
            let mut all = 0;
            for (key, amount) in keys {
                let own = exact.entry(key).or_default();
                *own += amount;
                all += amount;
                let counted = table.add(key, amount, 0, 1_000);
                prop_assert!(counted >= *own, "{counted} for {own}");
                prop_assert!(counted <= all);
            }
        }
    }
}
