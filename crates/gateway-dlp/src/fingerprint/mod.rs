//! Documents by their fingerprints: texts that are like one of them are found, as far as they are, and
//! nothing of the documents is kept.
//!
//! A text is read as words, in any case and whatever stands between them. Six words in a row are a
//! shingle; of each four shingles in a row at least one, the one with the smallest seeded hash, is a
//! fingerprint (winnowing, Schleimer, Wilkerson and Aiken 2003). [`Sketch`] takes the text of a
//! document, [`Fingerprints`] is a set of documents as bytes of a file and in memory. How *similar* a text
//! is to a document is how many of the document's fingerprints it has, in percent: a text that holds
//! all of the document is similar by 100, whatever else it holds.
//!
//! Of a long document a sample of its fingerprints is kept, evenly taken: similarities are true to a
//! few percent then. What stands in many texts, such as the words of a licence, makes them alike: it
//! does not belong into a document that is fingerprinted.

mod file;
mod seeker;
mod shingle;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

pub use self::file::{FINGERPRINT_FILE_BYTES_MAX, FingerprintFileError};
pub(crate) use self::seeker::Seeker;
use self::shingle::Shingler;

/// Fingerprints that are kept of a document.
pub const KEPT_MAX: usize = 4_096;

/// Fingerprints that a document has at least: some 50 words.
pub const KEPT_MIN: usize = 16;

/// Documents of one set.
pub const DOCUMENTS_MAX: usize = 1_024;

/// Documents that are known by their fingerprints.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprints {
    seed: [u8; 16],
    documents: Vec<Document>,
    /// The fingerprints of all documents: hash, document, and position in it; in order.
    table: Vec<(u64, u32, u32)>,
    filter: Vec<u64>,
}

/// One document.
#[derive(Clone, PartialEq, Eq)]
struct Document {
    name: String,
    /// In order.
    hashes: Vec<u64>,
}

/// Why a document cannot be told by its fingerprints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FingerprintError {
    /// It has too little text.
    #[error(
        "`{document}` has too little text: {found} fingerprints, at least {KEPT_MIN} are needed"
    )]
    TooShort {
        /// The name of the document.
        document: String,
        /// Its fingerprints.
        found: usize,
    },
    /// There are too many.
    #[error("more than {DOCUMENTS_MAX} documents")]
    TooMany,
}

/// Takes the text of a document, or of one part of it.
#[derive(Debug)]
pub struct Sketch {
    shingler: Shingler,
    hashes: BTreeSet<u64>,
}

impl Sketch {
    /// Of a document of the set that is seeded so: random bytes, the same for all documents of it.
    #[must_use]
    pub fn new(seed: [u8; 16]) -> Self {
        Self { shingler: Shingler::new(seed), hashes: BTreeSet::new() }
    }

    /// Takes the next bytes of the text, in UTF-8 or any charset that extends ASCII.
    pub fn push(&mut self, text: &[u8]) {
        for byte in text {
            if let Some(pick) = self.shingler.push(*byte) {
                self.hashes.insert(pick.hash);
            }
        }
    }

    /// The text has ended, and so has its last word.
    pub fn finish(&mut self) {
        if let Some(pick) = self.shingler.end() {
            self.hashes.insert(pick.hash);
        }
        self.shingler.restart();
    }

    /// Adds what another part of the same document has.
    pub fn merge(&mut self, other: Self) {
        self.hashes.extend(other.hashes);
    }

    /// Different fingerprints so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

impl Fingerprints {
    /// The set of these documents, by name, whose sketches were all made with `seed`.
    ///
    /// # Errors
    /// [`FingerprintError`].
    pub fn new(
        seed: [u8; 16],
        documents: impl IntoIterator<Item = (String, Sketch)>,
    ) -> Result<Self, FingerprintError> {
        let document = |(name, sketch): (String, Sketch)| {
            // Hashes are even: those that are smallest are as good a sample as any.
            let hashes: Vec<u64> = sketch.hashes.into_iter().take(KEPT_MAX).collect();
            match hashes.len() {
                found if found < KEPT_MIN => {
                    Err(FingerprintError::TooShort { document: name, found })
                }
                _ => Ok(Document { name, hashes }),
            }
        };
        let documents = documents.into_iter().map(document).collect::<Result<Vec<_>, _>>()?;
        match documents.len() {
            0..=DOCUMENTS_MAX => Ok(Self::of(seed, documents)),
            _ => Err(FingerprintError::TooMany),
        }
    }

    fn of(seed: [u8; 16], documents: Vec<Document>) -> Self {
        let mut table = Vec::new();
        for (index, document) in (0..).zip(&documents) {
            table.extend((0..).zip(&document.hashes).map(|(at, hash)| (*hash, index, at)));
        }
        table.sort_unstable();
        let words = (table.len().max(4) / 4).next_power_of_two();
        let mut set = Self { seed, documents, table, filter: vec![0; words] };
        for index in 0..set.table.len() {
            let Some((hash, ..)) = set.table.get(index).copied() else { continue };
            let (word, bit) = set.place(hash);
            if let Some(word) = set.filter.get_mut(word) {
                *word |= bit;
            }
        }
        set
    }

    /// The names of the documents, each with how many fingerprints of it are kept.
    pub fn documents(&self) -> impl Iterator<Item = (&str, usize)> {
        self.documents.iter().map(|document| (document.name.as_str(), document.hashes.len()))
    }

    /// Bytes that it takes in memory.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.table.len() * size_of::<(u64, u32, u32)>() + (self.filter.len() + self.table.len()) * 8
    }

    /// The documents that have this fingerprint, with its position in each.
    fn having(&self, hash: u64) -> impl Iterator<Item = (u32, u32)> + '_ {
        let (word, bit) = self.place(hash);
        let may_have = self.filter.get(word).is_some_and(|word| word & bit != 0);
        let first = match may_have {
            true => self.table.partition_point(|(other, ..)| *other < hash),
            false => self.table.len(),
        };
        let from = self.table.get(first..).unwrap_or_default().iter();
        from.take_while(move |(other, ..)| *other == hash).map(|(_, document, at)| (*document, *at))
    }

    /// Fingerprints that are kept of a document.
    fn kept(&self, document: u32) -> usize {
        self.documents.get(document as usize).map_or(0, |document| document.hashes.len())
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let bit = (hash >> 9) & (self.filter.len() as u64 * 64 - 1);
        (usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
    }
}

/// Shows the names of documents alone.
impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.documents().map(|(name, _)| name).collect();
        f.debug_struct("Fingerprints").field("documents", &names).finish_non_exhaustive()
    }
}
