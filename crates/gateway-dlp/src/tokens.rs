//! The lane of tokens: where the words of long lists may begin, by one look into a table for each
//! word of a body. Lists of a few words are noticed by literals (see `literals.rs`), whose table
//! grows with them.
//!
//! A token is a run of ASCII letters, digits and `_`. What stands by itself and begins with one has
//! a whole token at its front; of that, the first [`TOKEN`] bytes are hashed, in small letters. The
//! table is a Bloom filter: it lets through more than words begin with, never less.

use std::ops::Range;

use wide::i8x16;

use crate::bytes::is_word;

/// Bytes of a token that count.
pub(crate) const TOKEN: usize = 8;

/// Bits of the filter for each token, at least.
const BITS_PER_TOKEN: usize = 16;

/// Finds the places where something listed may begin.
pub(crate) struct Tokens {
    /// The bits of a token all lie in one of these.
    filter: Box<[u64]>,
    /// What is left of a hash when it is shifted by so much is an index.
    shift: u32,
    /// Whether so many bytes belong to a token as the shortest has, as far as they count.
    least: Least,
    /// The entries whose tokens are in the filter, by index.
    pub(crate) entries: Box<[u32]>,
}

/// What is hashed of a token: its first bytes in small letters, zeros behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64);

impl Key {
    /// The key of the token that `word` begins with, if it begins with one.
    pub(crate) fn of(word: &[u8]) -> Option<Self> {
        let len = word.iter().take(TOKEN).take_while(|byte| is_word(**byte)).count();
        (len > 0).then(|| Self::new(first_bytes(word, 0), len))
    }

    /// The key of a token of `len` bytes, at least 1, which `bytes` begin with.
    fn new(bytes: [u8; TOKEN], len: usize) -> Self {
        Self(in_small(bytes) & u64::MAX >> (64 - 8 * len.clamp(1, TOKEN)))
    }

    /// Bytes of the token that count: none of them is 0.
    const fn len(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(8)
    }

    fn hash(self) -> u64 {
        let product = u128::from(self.0) * 0x9E37_79B9_7F4A_7C15;
        (product as u64) ^ (product >> 64) as u64
    }
}

/// The bytes of a token in small letters: of such bytes, this makes only letters of both cases the
/// same.
const fn in_small(bytes: [u8; TOKEN]) -> u64 {
    u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020
}

/// The first bytes of `bytes` from the index `at` on, zeros where there are none.
fn first_bytes(bytes: &[u8], at: usize) -> [u8; TOKEN] {
    match bytes.get(at..at.saturating_add(TOKEN)).and_then(<[u8]>::first_chunk) {
        Some(first) => *first,
        None => {
            let mut first = [0; TOKEN];
            let bytes = bytes.get(at..).unwrap_or_default();
            first.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
            first
        }
    }
}

/// The bits of a hash in its part of the filter: to shift by any number four times would take longer.
const fn bits(hash: u64) -> u64 {
    BITS[(hash & 0xFF) as usize].rotate_left((hash >> 8 & 63) as u32)
}

/// By the last bits of a hash, four others each.
const BITS: [u64; 256] = {
    let mut bits = [0_u64; 256];
    let (mut at, mut seed) = (0, 1_u64);
    while at < bits.len() {
        while bits[at].count_ones() < 4 {
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            bits[at] |= 1_u64 << (seed >> 58);
        }
        at += 1;
    }
    bits
};

impl Tokens {
    /// A lane of `keys`, which lead to `entries`.
    pub(crate) fn new(keys: &[Key], entries: Vec<u32>) -> Self {
        let words = (keys.len() * BITS_PER_TOKEN / 64).next_power_of_two();
        let shift = u64::BITS - words.max(2).ilog2();
        let mut filter = vec![0; if keys.is_empty() { 0 } else { words.max(2) }];
        for key in keys {
            let hash = key.hash();
            if let Some(word) = filter.get_mut((hash >> shift) as usize) {
                *word |= bits(hash);
            }
        }
        let least = Least::new(keys.iter().map(|key| key.len()).min().unwrap_or(1));
        Self { filter: filter.into(), shift, least, entries: entries.into() }
    }

    /// Whether it finds anything at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.filter) + size_of_val(&*self.entries)
    }

    fn may_have(&self, key: Key) -> bool {
        let hash = key.hash();
        let word = self.filter.get((hash >> self.shift) as usize).copied().unwrap_or(0);
        let bits = bits(hash);
        word & bits == bits
    }

    /// Gives every index in `places` where a token of the filter begins to `found`. What stands
    /// behind `bytes` is taken as something that ends a token.
    pub(crate) fn find(&self, bytes: &[u8], places: Range<usize>, mut found: impl FnMut(usize)) {
        let mut starts = Starts::new(self.least);
        let mut at = places.start;
        while at < places.end {
            for start in starts.within(bytes, at..places.end.min(at + STRETCH)) {
                let place = at + start.at();
                if self.may_have(start.key(first_bytes(bytes, place))) {
                    found(place);
                }
            }
            at += STRETCH;
        }
    }
}

/// Places whose tokens are put together before any of them is looked up. How many begin in a block
/// no branch predictor knows, so none is asked.
const STRETCH: usize = 18 * STEP;

/// Bytes that are told apart together.
const BLOCK: usize = 64;

/// Places of a block at which tokens may begin: the byte before the first is in it, and so are those
/// that count of a token at the last. So one block says all, whatever stands in the next.
const STEP: usize = BLOCK - TOKEN;

/// Slots that a block fills at once, whether as many tokens begin in it or not.
const SLOTS: usize = 4;

/// Where tokens begin, stretch by stretch.
struct Starts {
    slots: [Start; STRETCH / 2 + SLOTS],
    least: Least,
}

/// Where a token begins: the index in its stretch, and a bit for each of its first bytes and those
/// behind it, which says whether they belong to a token.
#[derive(Clone, Copy, Default)]
struct Start(u32);

impl Start {
    const fn at(self) -> usize {
        (self.0 >> TOKEN) as usize
    }

    /// The key of the token, which `bytes` begin with.
    const fn key(self, bytes: [u8; TOKEN]) -> Key {
        Key(in_small(bytes) & KEPT[(self.0 & 0xFF) as usize])
    }
}

/// By what is said of the bytes from the beginning of a token on, the bits of those that count.
const KEPT: [u64; 1 << TOKEN] = {
    let mut kept = [0; 1 << TOKEN];
    let mut words = 0;
    while words < kept.len() {
        let bits = 8 * (words as u8).trailing_ones();
        kept[words] = if bits == 0 { 0 } else { u64::MAX >> (u64::BITS - bits) };
        words += 1;
    }
    kept
};

impl Starts {
    const fn new(least: Least) -> Self {
        Self { slots: [Start(0); STRETCH / 2 + SLOTS], least }
    }

    /// Where tokens begin at these places, no more than a stretch.
    fn within(&mut self, bytes: &[u8], places: Range<usize>) -> &[Start] {
        let (mut count, mut at) = (0, places.start);
        while at < places.end {
            let mask = mask(bytes, at);
            // Most words of a body are shorter than those of a list.
            let room = (places.end - at).min(STEP);
            let mut starts = (mask & !(mask << 1) & self.least.runs(mask)) >> 1;
            starts &= (1 << room) - 1;
            let (words, base) = (mask >> 1, (at - places.start) as u32);
            while starts != 0
                && let Some(slots) = self.slots.get_mut(count..).and_then(<[_]>::first_chunk_mut)
            {
                let slots: &mut [Start; SLOTS] = slots;
                for slot in slots {
                    let place = (starts | 1 << 63).trailing_zeros();
                    *slot = Start((base + place) << TOKEN | u32::from((words >> place) as u8));
                    count += usize::from(starts != 0);
                    starts &= starts.wrapping_sub(1);
                }
            }
            at += STEP;
        }
        self.slots.get(..count).unwrap_or_default()
    }
}

/// How many bits of a mask must stand in a row, as shifts that tell it: from 1 to [`TOKEN`].
#[derive(Clone, Copy, Debug)]
struct Least([u32; 3]);

impl Least {
    fn new(len: u32) -> Self {
        let (mut shifts, mut have) = ([0; 3], 1);
        for shift in &mut shifts {
            *shift = have.min(len.saturating_sub(have));
            have += *shift;
        }
        Self(shifts)
    }

    /// Where in `mask` so many bits stand in a row, by their first.
    #[inline(always)]
    fn runs(self, mask: u64) -> u64 {
        self.0.into_iter().fold(mask, |runs, shift| runs & runs >> shift)
    }
}

/// A bit for the byte before the index `at`, and then for each of those from there on: whether it
/// belongs to a token.
fn mask(bytes: &[u8], at: usize) -> u64 {
    let from = at.checked_sub(1);
    match from.and_then(|from| bytes.get(from..)).and_then(<[u8]>::first_chunk) {
        Some(block) => mask_of(block),
        None => {
            let mut block = [0; BLOCK];
            let (before, rest) = block.split_at_mut(1);
            let known = from.and_then(|from| bytes.get(from)).into_iter();
            before.iter_mut().zip(known).for_each(|(slot, byte)| *slot = *byte);
            let bytes = bytes.get(at..).unwrap_or_default();
            rest.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
            mask_of(&block)
        }
    }
}

#[inline(always)]
fn mask_of(block: &[u8; BLOCK]) -> u64 {
    let (quarters, _) = block.as_chunks::<16>();
    let bits = |quarter: &[u8; 16]| {
        let bytes = i8x16::new(quarter.map(u8::cast_signed));
        let letters = within::<b'a', b'z'>(bytes | i8x16::splat(0x20));
        let others = within::<b'0', b'9'>(bytes) | bytes.simd_eq(i8x16::splat(b'_'.cast_signed()));
        u64::from((letters | others).to_bitmask())
    };
    quarters.iter().rev().fold(0, |mask, quarter| mask << 16 | bits(quarter))
}

/// Marks the bytes from `LEAST` to `MOST`.
#[inline(always)]
fn within<const LEAST: u8, const MOST: u8>(bytes: i8x16) -> i8x16 {
    // Moved up until `MOST` is the greatest number with a sign, all others are less than `LEAST`.
    let moved = bytes + i8x16::splat((0x7F - MOST).cast_signed());
    moved.simd_gt(i8x16::splat((0x7E - (MOST - LEAST)).cast_signed()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(words: &[&str]) -> Tokens {
        let keys: Vec<Key> = words.iter().filter_map(|word| Key::of(word.as_bytes())).collect();
        Tokens::new(&keys, vec![0])
    }

    fn places(tokens: &Tokens, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        tokens.find(text.as_bytes(), 0..text.len(), |at| places.push(at));
        places
    }

    #[test]
    fn whole_tokens_are_found_in_any_case() {
        let tokens = tokens(&["Falcon", "a_1", "confidential", "x-ray"]);
        let far = format!("{}falcon", "..".repeat(63));
        let cases: [(&str, &[usize]); 7] = [
            ("falcon FALCON, falcons efalcon", &[0, 7]),
            ("(a_1)A_1 a_11", &[1, 5]),
            ("confidentially Confident", &[0, 15]),
            ("x x-y _x", &[0, 2]),
            (".\u{e9}falcon", &[3]),
            (&far, &[126]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(places(&tokens, text), expected, "{text}");
        }
    }

    #[test]
    fn runs_begin_where_enough_bits_follow() {
        let of = |len| Least::new(len).runs(0b1_1111_1110 << 40 | 0b1_1111_0110);
        for len in 1..=8 {
            let rest = match len {
                1 => 0b1_1111_0110,
                2 => 0b1111_0010,
                3 => 0b111_0000,
                4 => 0b11_0000,
                5 => 0b1_0000,
                _ => 0,
            };
            assert_eq!(of(len), (0b1_1111_1110 >> (len - 1) & 0b1_1111_1110) << 40 | rest, "{len}");
        }
    }

    #[test]
    fn bytes_of_tokens_are_told_from_all_others() {
        for byte in 0..=u8::MAX {
            let expected = if is_word(byte) { u64::MAX } else { 0 };
            assert_eq!(mask_of(&[byte; BLOCK]), expected, "{byte}");
        }
    }

    #[test]
    fn few_tokens_get_through_that_are_not_listed() {
        let listed: Vec<String> = (0..10_000).map(|n| format!("w{n}")).collect();
        let tokens = tokens(&listed.iter().map(String::as_str).collect::<Vec<_>>());
        let others: String = (0..10_000).map(|n| format!("v{n} ")).collect();
        assert!(places(&tokens, &others).len() < 100);
        assert_eq!(places(&tokens, &listed.join(" ")).len(), listed.len());
    }

    proptest! {
        #[test]
        fn it_finds_what_a_slow_search_finds(
            text in "[abA_ .\u{e9}]{0,200}",
            turns in 1_usize..30,
            cut in 0_usize..3_000,
            shortest in 0_usize..4,
        ) {
            let listed = &["b", "ab", "a_b", "aaaaaaaaa"][shortest..];
            let (tokens, least) = (tokens(listed), [1, 2, 3, 8][shortest]);
            let text = text.repeat(turns);
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut found = Vec::new();
            tokens.find(bytes, cut..bytes.len(), |at| found.push(at));
            let slow = (cut..bytes.len()).filter(|at| {
                let begins = at.checked_sub(1).is_none_or(|before| !is_word(bytes[before]));
                let is_found = |key: Key| key.len() >= least && tokens.may_have(key);
                begins && Key::of(&bytes[*at..]).is_some_and(is_found)
            });
            prop_assert_eq!(found, slow.collect::<Vec<_>>());
        }
    }
}
