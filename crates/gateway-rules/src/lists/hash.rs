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

/// Whether the case of ASCII letters counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    Exact,
    Folded,
}

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
    pub(super) fn part(
        &self,
        mut state: u64,
        text: &[u8],
        start: usize,
        end: usize,
        letters: Letters,
    ) -> u64 {
        let mut at = start;
        loop {
            let left = end.saturating_sub(at);
            let word = match letters {
                Letters::Exact => load(text, at),
                Letters::Folded => lowered(load(text, at)),
            };
            if left <= WORD_BYTES {
                let kept = word & ((1 << (8 * left)) - 1);
                return self.step(state, kept | (left as u64) << 56);
            }
            state = self.step(state, (word & ((1 << 56) - 1)) | FOLLOWED << 56);
            at += WORD_BYTES;
        }
    }

    /// The state after a part of up to seven bytes, which stand in a word with zeros behind them;
    /// the case of letters counts nothing.
    #[inline]
    pub(super) const fn short(&self, state: u64, word: u64, bytes: usize) -> u64 {
        self.step(state, lowered(word) | (bytes as u64) << 56)
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
    if let Some(word) = text.get(at..at + 8).and_then(whole) {
        return word;
    }
    // The last eight bytes, without those before `at`.
    let missing = at + 8 - text.len();
    if let Some(last) = text.len().checked_sub(8).and_then(|last| whole(text.get(last..)?)) {
        return if missing < 8 { last >> (8 * missing) } else { 0 };
    }
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(text.get(at..).unwrap_or_default()) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

/// Eight bytes up to `end`, with zeros before the start.
#[inline]
pub(super) fn load_before(text: &[u8], end: usize) -> u64 {
    if let Some(word) = end.checked_sub(8).and_then(|start| whole(text.get(start..end)?)) {
        return word;
    }
    if end == 0 { 0 } else { load(text, 0) << (8 * (8 - end.min(8))) }
}

#[inline]
fn whole(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}

const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// Eight bytes, ASCII letters among them in lower case.
#[inline]
const fn lowered(word: u64) -> u64 {
    let low = word & LOW_BITS;
    // The upper bit of each byte says whether the lower ones are 'A' or more, and more than 'Z'.
    let from_a = low + 0x3F3F_3F3F_3F3F_3F3F;
    let behind_z = low + 0x2525_2525_2525_2525;
    word | (from_a & !behind_z & !word & !LOW_BITS) >> 2
}

/// The upper bit of each of eight bytes that is a dot.
#[inline]
pub(super) const fn dots(word: u64) -> u64 {
    let other = word ^ 0x2E2E_2E2E_2E2E_2E2E;
    !(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS)
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
        let state = parts
            .iter()
            .fold(SEED.start(), |s, part| SEED.part(s, part, 0, part.len(), Letters::Exact));
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
                SEED.part(SEED.start(), &text, before.len(), end, Letters::Exact),
                SEED.part(SEED.start(), &part, 0, part.len(), Letters::Exact)
            );
        }
    }

    proptest! {
        #[test]
        fn words_are_what_the_bytes_are(text in prop::collection::vec(any::<u8>(), 0..20), at in 0_usize..20) {
            let at = at.min(text.len());
            let mut behind: Vec<u8> = text[at..].iter().copied().take(8).collect();
            behind.resize(8, 0);
            prop_assert_eq!(load(&text, at).to_le_bytes().to_vec(), behind);
            let mut before = vec![0; 8];
            before.extend_from_slice(&text[..at]);
            prop_assert_eq!(load_before(&text, at).to_le_bytes().to_vec(), before[at..].to_vec());
        }

        #[test]
        fn eight_bytes_at_once_are_one_by_one(bytes in any::<[u8; 8]>(), near in "[-./@A-Z\\[`a-z{]{8}") {
            for bytes in [bytes, near.as_bytes().try_into().unwrap()] {
                let word = u64::from_le_bytes(bytes);
                prop_assert_eq!(lowered(word).to_le_bytes(), bytes.map(|b| b.to_ascii_lowercase()));
                let expected = bytes.map(|byte| if byte == b'.' { 0x80 } else { 0 });
                prop_assert_eq!(dots(word).to_le_bytes(), expected);
            }
        }

        #[test]
        fn case_counts_where_it_is_to(text in "[a-zA-Z@\\[é]{0,30}") {
            let hash = |text: &str, letters| SEED.part(7, text.as_bytes(), 0, text.len(), letters);
            let lower = text.to_ascii_lowercase();
            prop_assert_eq!(hash(&text, Letters::Folded), hash(&lower, Letters::Exact));
            prop_assert_eq!(hash(&text, Letters::Exact) == hash(&lower, Letters::Exact), text == lower);
        }
    }

    #[test]
    fn the_numbers_stay_below_the_prime() {
        let greatest = ListSeed::new([u64::MAX; 3]);
        let mut state = greatest.start();
        for _ in 0..1_000 {
            state = greatest.part(state, &[0xFF; 7], 0, 7, Letters::Exact);
            assert!(hash_of(state) < PRIME);
            assert!(place_of(greatest.mixed(hash_of(state)), 10) < 10);
        }
    }
}
