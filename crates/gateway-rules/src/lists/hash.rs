//! Seeded hashes of names and texts: polynomials over the prime 2^61 - 1 at a secret point.
//!
//! Two different texts of n words meet in one hash for at most n of 2^61 points, whoever chose the
//! texts (Carter and Wegman, 1979). So who does not know the point can neither make a value seem
//! listed nor crowd a table.

use std::fmt;

/// The prime 2^61 - 1, below which every hash lies.
const PRIME: u64 = (1 << 61) - 1;
/// Bytes of a word; the byte above them says how many of them there are, and whether more follow.
const WORD_BYTES: usize = 7;
/// The byte of a word that more words of the same part follow.
const FOLLOWED: u64 = 0xF;
/// The byte of a word that stands for no text.
const MARK: u64 = 0xE;

/// Secret numbers of which it depends how the entries of lists are stored.
///
/// One seed serves any number of lists. With equal seeds and equal entries everything is equal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ListSeed {
    start: u64,
    point: u64,
    place: u64,
}

impl ListSeed {
    /// A seed from numbers that nobody outside can guess.
    #[must_use]
    pub const fn new(random: [u64; 3]) -> Self {
        let [start, point, place] = random;
        // A point of 0 or 1 would mix nothing.
        Self { start: start % PRIME, point: 2 + point % (PRIME - 2), place: place | 1 }
    }

    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// The state after one more word, which is below 2^60.
    #[inline]
    const fn step(&self, state: u64, word: u64) -> u64 {
        // The state is at most a little above the prime, so the sum fits.
        let product = (state + word) as u128 * self.point as u128;
        let folded = (product as u64 & PRIME) + (product >> 61) as u64;
        (folded & PRIME) + (folded >> 61)
    }

    /// The state after the bytes `start..end` of `text`, as one part.
    #[inline]
    pub(super) fn part(&self, mut state: u64, text: &[u8], start: usize, end: usize) -> u64 {
        let mut at = start;
        loop {
            let left = end.saturating_sub(at);
            let word = load(text, at);
            if left <= WORD_BYTES {
                let kept = word & ((1 << (8 * left)) - 1);
                return self.step(state, kept | (left as u64) << 56);
            }
            state = self.step(state, (word & ((1 << 56) - 1)) | FOLLOWED << 56);
            at += WORD_BYTES;
        }
    }

    /// The state after a mark that no text is like; `which` is below 2^56.
    pub(super) const fn mark(&self, state: u64, which: u64) -> u64 {
        self.step(state, (which & ((1 << 56) - 1)) | MARK << 56)
    }

    /// A hash with its bits mixed, so that any of them can choose a place.
    #[inline]
    pub(super) const fn mixed(&self, hash: u64) -> u64 {
        let product = hash.wrapping_add(self.start) as u128 * self.place as u128;
        product as u64 ^ (product >> 64) as u64
    }
}

/// Keeps the secret.
impl fmt::Debug for ListSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListSeed").finish_non_exhaustive()
    }
}

/// The place among `count` that mixed bits choose, by the upper ones.
#[inline]
pub(super) const fn place_of(mixed: u64, count: usize) -> usize {
    ((mixed as u128 * count as u128) >> 64) as usize
}

/// The hash that a state stands for.
#[inline]
pub(super) const fn hash_of(state: u64) -> u64 {
    if state >= PRIME { state - PRIME } else { state }
}

/// Eight bytes from `at` on, with zeros behind the end.
#[inline]
fn load(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = text.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
        return u64::from_le_bytes(bytes);
    }
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(text.get(at..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

#[cfg(test)]
pub(super) const SEED: ListSeed =
    ListSeed::new([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0]);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn hash(parts: &[Vec<u8>]) -> u64 {
        let state = parts.iter().fold(SEED.start(), |s, part| SEED.part(s, part, 0, part.len()));
        hash_of(state)
    }

    proptest! {
        #[test]
        fn different_parts_have_different_hashes(
            all in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(0_u8..3, 0..20), 0..4), 2..20),
        ) {
            let mut seen: BTreeMap<u64, &Vec<Vec<u8>>> = BTreeMap::new();
            for parts in &all {
                let before = seen.insert(hash(parts), parts);
                prop_assert!(before.is_none_or(|before| before == parts), "{:?}", before);
            }
        }

        #[test]
        fn what_stands_around_a_part_does_not_count(
            before in prop::collection::vec(any::<u8>(), 0..10),
            part in prop::collection::vec(any::<u8>(), 0..30),
            behind in prop::collection::vec(any::<u8>(), 0..10),
        ) {
            let text = [&before[..], &part, &behind].concat();
            let end = before.len() + part.len();
            prop_assert_eq!(
                SEED.part(SEED.start(), &text, before.len(), end),
                SEED.part(SEED.start(), &part, 0, part.len())
            );
        }
    }

    #[test]
    fn the_numbers_stay_below_the_prime() {
        let greatest = ListSeed::new([u64::MAX; 3]);
        let mut state = greatest.start();
        for _ in 0..1_000 {
            state = greatest.part(state, &[0xFF; 7], 0, 7);
            assert!(hash_of(state) < PRIME);
            assert!(place_of(greatest.mixed(hash_of(state)), 10) < 10);
        }
    }
}
