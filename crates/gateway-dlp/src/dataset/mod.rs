//! Exact data: the cells of a table, found in texts without being kept.
//!
//! A [`DatasetBuilder`] takes a table and keeps salted hashes of its cells alone; a [`Dataset`] is
//! what comes of it, as bytes of a file and in memory. A text is looked through word by word: a
//! polynomial hash of the last words is looked up among those of all cells, and only what is there
//! is hashed by SHA-256 and compared again.
//!
//! Who has the file can still guess cells one by one: it is as secret as short values can be.

mod builder;
mod csv;
mod file;
mod poly;
mod seeker;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use sha2::{Digest, Sha256};

pub use self::builder::{DatasetBuilder, DatasetError, Tally};
pub use self::file::{DatasetFileError, FILE_BYTES_MAX};
use self::poly::{Point, mix};
pub(crate) use self::seeker::{SPAN_MAX, Seeker};

/// Cells of the largest dataset.
pub const CELLS_MAX: usize = 4_000_000;

/// Bits of the filters for each cell: one look-up in sixteen goes on by chance.
const FILTER_BITS: usize = 16;

/// The hashes of the cells of a table.
#[derive(Clone, PartialEq, Eq)]
pub struct Dataset {
    salt: [u8; 16],
    columns: Vec<String>,
    /// Polynomial hashes of cells, mixed, in order.
    keys: Vec<u64>,
    /// For each of them, the first bytes of its salted SHA-256.
    digests: Vec<u64>,
    /// Words that cells have: bit `n - 1` for `n` words.
    lengths: u8,
    /// Digits of the longest number in a cell.
    number_max: u8,
    filter: Filter,
    /// What the first words of cells with several words are.
    prefixes: Filter,
}

/// A set of hashes that lets through more than is in it, never less.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Filter {
    bits: Vec<u64>,
}

impl Filter {
    /// An empty one for so many hashes.
    fn new(len: usize) -> Self {
        let words = (len.max(4) * FILTER_BITS / 64).next_power_of_two();
        Self { bits: vec![0; words] }
    }

    fn place(&self, key: u64) -> (usize, u64) {
        let mask = self.bits.len() as u64 * 64 - 1;
        let bit = (key >> 7) & mask;
        (usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
    }

    fn insert(&mut self, key: u64) {
        let (word, bit) = self.place(key);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    fn has(&self, key: u64) -> bool {
        let (word, bit) = self.place(key);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }
}

impl Dataset {
    /// Different cells that it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The titles of the columns that were taken.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Bytes that it takes in memory.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        let filters = self.filter.bits.len() + self.prefixes.bits.len();
        (self.keys.len() + self.digests.len() + filters) * size_of::<u64>()
    }

    /// Whether a text is a cell, as words are compared.
    #[must_use]
    pub fn has(&self, text: &[u8]) -> bool {
        let form = words::canonical(text);
        let key = mix(words::hash(&form, self.point()).hash);
        !form.is_empty() && self.may_have(key) && self.confirms(key, &form)
    }

    fn point(&self) -> Point {
        let [a, b, c, d, e, f, g, h, ..] = self.salt;
        Point::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Whether a cell has this key, as far as the keys tell.
    fn may_have(&self, key: u64) -> bool {
        self.filter.has(key) && self.search(key).is_some()
    }

    /// The index of a key. Keys are evenly spread, so that where one lies can be guessed.
    fn search(&self, key: u64) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }

    /// Whether a cell of this key has this form.
    fn confirms(&self, key: u64, form: &[u8]) -> bool {
        let digest = self.search(key).and_then(|index| self.digests.get(index));
        digest.is_some_and(|digest| *digest == salted(&self.salt, form))
    }

    fn may_go_on(&self, key: u64) -> bool {
        self.prefixes.has(key)
    }
}

/// The first bytes of the salted SHA-256 of a canonical form.
fn salted(salt: &[u8; 16], form: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update(salt).chain_update(form).finalize();
    digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
}

/// Shows no cell, and no salt.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("columns", &self.columns)
            .field("cells", &self.len())
            .finish_non_exhaustive()
    }
}
