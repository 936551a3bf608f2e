//! Texts of a list, found whole.

use super::hash::{Letters, ListSeed, hash_of};
use super::table::Table;

/// A set of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strings {
    seed: ListSeed,
    letters: Letters,
    table: Table,
    /// What is longer is none of them, and need not be looked at.
    bytes_max: usize,
}

impl Strings {
    pub(super) fn new(
        seed: ListSeed,
        letters: Letters,
        texts: &[(u64, u64)],
        longest: usize,
    ) -> Self {
        Self { seed, letters, table: Table::new(seed, texts), bytes_max: longest }
    }

    /// The hash of a text.
    pub(super) fn hash(seed: ListSeed, letters: Letters, text: &[u8]) -> u64 {
        let state = seed.part(seed.start(), text, 0, text.len(), letters);
        hash_of(state)
    }

    pub(super) fn holds(&self, value: &[u8]) -> bool {
        value.len() <= self.bytes_max
            && self.table.find(Self::hash(self.seed, self.letters, value)) != 0
    }

    pub(super) fn insert(&mut self, text: &[u8]) {
        self.bytes_max = self.bytes_max.max(text.len());
        self.table.insert(Self::hash(self.seed, self.letters, text), 1);
    }

    pub(super) fn remove(&mut self, text: &[u8]) {
        self.table.remove(Self::hash(self.seed, self.letters, text), 1);
    }

    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }
}
