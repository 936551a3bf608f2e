//! The lane of tokens: where the words of long lists may begin, by one look into a table for each
//! word of a body. Lists of a few words are noticed by literals (see `literals.rs`), whose table
//! grows with them.
//!
//! A token is a run of ASCII letters, digits and `_`. What stands by itself and begins with one has
//! a whole token at its front; of that, the first [`TOKEN`] bytes are hashed, in small letters. The
//! table is a Bloom filter: it lets through more than words begin with, never less.

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
    /// Bytes of the shortest token, as far as they count.
    least: u32,
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
        (len > 0).then(|| Self::new(first_bytes(word), len))
    }

    /// The key of a token of `len` bytes, at least 1, which `bytes` begin with.
    fn new(bytes: [u8; TOKEN], len: usize) -> Self {
        // Of the bytes of tokens, this makes only letters of both cases the same.
        let small = u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020;
        Self(small & u64::MAX >> (64 - 8 * len.clamp(1, TOKEN)))
    }

    /// Bytes of the token that count: none of them is 0.
    const fn len(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(8)
    }

    fn hash(self) -> u64 {
        let hash = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash ^ hash >> 29).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    }
}

/// The first bytes of `bytes`, zeros where there are none.
fn first_bytes(bytes: &[u8]) -> [u8; TOKEN] {
    match bytes.first_chunk() {
        Some(first) => *first,
        None => {
            let mut first = [0; TOKEN];
            first.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
            first
        }
    }
}

/// The bits of a hash in its part of the filter.
const fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63) | 1 << (hash >> 18 & 63)
}

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
        let least = keys.iter().map(|key| key.len()).min().unwrap_or(1);
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
        bits(hash) & !word == 0
    }

    /// Gives every index in `places` where a token of the filter begins to `found`. What stands
    /// behind `bytes` is taken as something that ends a token.
    pub(crate) fn find(
        &self,
        bytes: &[u8],
        places: std::ops::Range<usize>,
        mut found: impl FnMut(usize),
    ) {
        let mut before = match places.start.checked_sub(1).and_then(|at| bytes.get(at)) {
            Some(byte) => u64::from(is_word(*byte)),
            None => 0,
        };
        let mut words = mask(bytes, places.start);
        let mut at = places.start;
        while at < places.end {
            let next = mask(bytes, at + 64);
            let both = u128::from(next) << 64 | u128::from(words);
            // Most words of a body are shorter than those of a list.
            let mut starts = words & !(words << 1 | before) & runs(both, self.least);
            if places.end - at < 64 {
                starts &= (1 << (places.end - at)) - 1;
            }
            while starts != 0 {
                let start = starts.trailing_zeros();
                starts &= starts - 1;
                let len = ((both >> start) as u64).trailing_ones() as usize;
                let token = bytes.get(at + start as usize..).unwrap_or_default();
                if self.may_have(Key::new(first_bytes(token), len)) {
                    found(at + start as usize);
                }
            }
            before = words >> 63;
            words = next;
            at += 64;
        }
    }
}

/// Where so many bits stand in a row, by their first: at least one, and not more than 64.
fn runs(bits: u128, len: u32) -> u64 {
    let (mut runs, mut have) = (bits, 1);
    while have < len {
        let more = have.min(len - have);
        runs &= runs >> more;
        have += more;
    }
    runs as u64
}

/// A bit for each of 64 bytes from the index `at` on: whether it belongs to a token.
fn mask(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes.get(at..).unwrap_or_default();
    match bytes.first_chunk::<64>() {
        Some(block) => mask_of(block),
        None => {
            let mut block = [0; 64];
            block.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = *byte);
            mask_of(&block)
        }
    }
}

#[inline(always)]
fn mask_of(block: &[u8; 64]) -> u64 {
    // In a form that the compiler does for many bytes at once.
    let is_word = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        u8::from(letter | digit | (byte == b'_'))
    };
    let flags = block.map(is_word);
    let mut mask = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Eight bytes, each 0 or 1, as eight bits.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * index);
    }
    mask
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
        let bits = 0b111 << 62 | 0b1_1111_0110;
        for (len, expected) in [(1, 0b11 << 62 | 0b1_1111_0110), (2, 0b11 << 62 | 0b1111_0010)] {
            assert_eq!(runs(bits, len), expected, "{len}");
        }
        assert_eq!((runs(bits, 3), runs(bits, 5)), (1 << 62 | 0b111_0000, 0b1_0000));
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
            cut in 0_usize..200,
            shortest in 0_usize..4,
        ) {
            let tokens = tokens(&["b", "ab", "a_b", "aaaaaaaaa"][shortest..]);
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            let mut found = Vec::new();
            tokens.find(bytes, cut..bytes.len(), |at| found.push(at));
            let slow = (cut..bytes.len()).filter(|at| {
                let begins = at.checked_sub(1).is_none_or(|before| !is_word(bytes[before]));
                let is_found = |key: Key| key.len() >= tokens.least && tokens.may_have(key);
                begins && Key::of(&bytes[*at..]).is_some_and(is_found)
            });
            prop_assert_eq!(found, slow.collect::<Vec<_>>());
        }
    }
}
