//! Literals found by four of their bytes: a text is looked at only at every so many-th place, and
//! only where those bytes are ones of a literal is the literal compared.
//!
//! The cost for a text grows with its length and hardly with the number of literals, which an
//! automaton's does as soon as its states leave the caches.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

/// Bytes by which literals are found.
const GRAM: usize = 4;
/// The greatest distance between the places of a text that are looked at.
const STEP_MAX: usize = 8;
/// The most places of a literal that are weighed against each other.
const PLACES_MAX: usize = 64;
/// The most literals that are compared for the same four bytes.
const CROWD_MAX: u32 = 64;

/// A literal that has four bytes at some distance from its beginning.
#[derive(Clone, Copy, Debug)]
struct Spot {
    literal: u32,
    before: u32,
}

/// Literals in lower case, found whatever the case of the text.
#[derive(Debug)]
pub(super) struct Grams {
    step: usize,
    /// A bit for each hash of the four bytes of a literal.
    bits: Box<[u64]>,
    shift: u32,
    spots: HashMap<u32, Vec<Spot>, FxBuildHasher>,
    literals: Vec<Box<[u8]>>,
}

/// Four bytes as a number in which letters of both cases are one; so are a few other bytes.
#[inline]
fn folded(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_le_bytes) | 0x2020_2020
}

const fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1)
}

impl Grams {
    /// Takes the literals that can be found so out of `literals`, each with its number; those that
    /// are too short, or whose bytes are those of too many others, are left there.
    pub(super) fn new(literals: &mut Vec<(u32, Vec<u8>)>, bytes_min: usize) -> Option<Self> {
        let is_long = |literal: &[u8]| literal.len() >= bytes_min.max(GRAM);
        let long = literals.iter().filter(|(_, literal)| is_long(literal));
        let step = (long.clone().map(|(_, literal)| literal.len()).min()? - GRAM + 1).min(STEP_MAX);
        let mut uses: HashMap<u32, u32, FxBuildHasher> = HashMap::default();
        for (_, literal) in long {
            for gram in literal.windows(GRAM).take(PLACES_MAX) {
                *uses.entry(folded(gram)).or_default() += 1;
            }
        }
        let mut taken = Vec::new();
        let mut spots: HashMap<u32, Vec<Spot>, FxBuildHasher> = HashMap::default();
        literals.retain(|(number, literal)| {
            if !is_long(literal) {
                return true;
            }
            let grams: Vec<u32> = literal.windows(GRAM).take(PLACES_MAX).map(folded).collect();
            let used = |gram: &u32| uses.get(gram).copied().unwrap_or(0);
            let crowd = |grams: &[u32]| grams.iter().map(used).max().unwrap_or(u32::MAX);
            let best = grams.windows(step).enumerate().min_by_key(|(_, grams)| crowd(grams));
            let Some((first, grams)) = best.filter(|(_, grams)| crowd(grams) <= CROWD_MAX) else {
                return true;
            };
            for (before, gram) in (0..).zip(grams) {
                let before = u32::try_from(first).unwrap_or(0) + before;
                spots.entry(*gram).or_default().push(Spot { literal: *number, before });
            }
            let at = *number as usize;
            if taken.len() <= at {
                taken.resize(at + 1, Box::default());
            }
            if let Some(place) = taken.get_mut(at) {
                *place = literal.as_slice().into();
            }
            false
        });
        if spots.is_empty() {
            return None;
        }
        let wanted = (spots.len() * 16).next_power_of_two().clamp(1 << 10, 1 << 22);
        let shift = u32::BITS - wanted.trailing_zeros();
        let mut bits = vec![0_u64; wanted / 64].into_boxed_slice();
        #[expect(clippy::iter_over_hash_type, reason = "bits are set in any order")]
        for gram in spots.keys() {
            let bit = hash(*gram) >> shift;
            if let Some(word) = bits.get_mut((bit / 64) as usize) {
                *word |= 1 << (bit % 64);
            }
        }
        Some(Self { step, bits, shift, spots, literals: taken })
    }

    /// Calls `each` with the number of every literal at every place of `text` where it stands.
    #[inline]
    pub(super) fn find(&self, text: &[u8], mut each: impl FnMut(u32)) {
        for (place, gram) in text.windows(GRAM).step_by(self.step).enumerate() {
            let gram = folded(gram);
            let bit = hash(gram) >> self.shift;
            let word = self.bits.get((bit / 64) as usize).copied().unwrap_or(0);
            if word >> (bit % 64) & 1 == 1 {
                self.compare(text, place * self.step, gram, &mut each);
            }
        }
    }

    #[cold]
    fn compare(&self, text: &[u8], at: usize, gram: u32, each: &mut impl FnMut(u32)) {
        for spot in self.spots.get(&gram).into_iter().flatten() {
            let Some(literal) = self.literals.get(spot.literal as usize) else { continue };
            let Some(start) = at.checked_sub(spot.before as usize) else { continue };
            let found = text.get(start..start + literal.len());
            if found.is_some_and(|found| found.eq_ignore_ascii_case(literal)) {
                each(spot.literal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn nothing_is_missed_and_nothing_made_up(
            literals in prop::collection::vec("[ab@`]{1,14}", 1..12),
            text in "[abAB@`]{0,60}",
            bytes_min in 0_usize..13,
        ) {
            let mut left: Vec<(u32, Vec<u8>)> =
                (0..).zip(&literals).map(|(n, text)| (n, text.clone().into_bytes())).collect();
            let grams = Grams::new(&mut left, bytes_min);
            let left: BTreeSet<u32> = left.iter().map(|(number, _)| *number).collect();
            let mut found = BTreeSet::new();
            if let Some(grams) = grams {
                grams.find(text.as_bytes(), |literal| {
                    found.insert(literal);
                });
            }
            let lower = text.to_ascii_lowercase();
            let expected: BTreeSet<u32> = (0..)
                .zip(&literals)
                .filter(|(number, literal)| !left.contains(number) && lower.contains(literal.as_str()))
                .map(|(number, _)| number)
                .collect();
            prop_assert_eq!(found, expected);
            for (number, literal) in (0_u32..).zip(&literals) {
                let is_short = literal.len() < bytes_min.max(GRAM);
                prop_assert!(is_short == left.contains(&number), "{literal}");
            }
        }
    }

    #[test]
    fn a_crowd_is_left_to_others() {
        let mut literals: Vec<(u32, Vec<u8>)> =
            (0..100).map(|number| (number, b"same".to_vec())).collect();
        literals.push((100, b"other".to_vec()));
        let grams = Grams::new(&mut literals, 0).expect("one is left");
        assert_eq!(literals.len(), 100);
        let mut found = Vec::new();
        grams.find(b"the sameOTHER", |literal| found.push(literal));
        assert_eq!(found, [100]);
    }
}
