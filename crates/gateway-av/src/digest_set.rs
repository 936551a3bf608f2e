//! Digest signatures, sorted for look-up.

use crate::line::{FileDigest, HashLine};

/// The size of an entry that fits a file of any size; no signature is for empty files.
const ANY_SIZE: u64 = 0;

/// The digests of one kind, `N` bytes each.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    /// Digest, size and the id of the signature.
    entries: Vec<([u8; N], u64, u32)>,
    /// The sizes of all entries, each once.
    sizes: Vec<u64>,
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self { entries: Vec::new(), sizes: Vec::new() }
    }
}

impl<const N: usize> Table<N> {
    fn push(&mut self, digest: [u8; N], size: Option<u64>, signature: u32) {
        self.entries.push((digest, size.unwrap_or(ANY_SIZE), signature));
    }

    fn sort(&mut self) {
        self.entries.sort_unstable();
        self.sizes = self.entries.iter().map(|(_, size, _)| *size).collect();
        self.sizes.sort_unstable();
        self.sizes.dedup();
    }

    /// Whether a file of `size` bytes, or of any size when it is not known, may be in it.
    pub(crate) fn may_hold(&self, size: Option<u64>) -> bool {
        match size {
            None => !self.sizes.is_empty(),
            Some(size) => self.is_for_any_size() || self.sizes.binary_search(&size).is_ok(),
        }
    }

    /// The size in bytes above which no file is in it.
    pub(crate) fn size_max(&self) -> u64 {
        if self.is_for_any_size() { u64::MAX } else { self.sizes.last().copied().unwrap_or(0) }
    }

    /// The ids of the signatures of a file of `size` bytes.
    pub(crate) fn find(&self, digest: &[u8], size: u64) -> impl Iterator<Item = u32> {
        let from = self.entries.partition_point(|(entry, _, _)| &entry[..] < digest);
        let equal = self.entries.get(from..).unwrap_or_default().iter();
        let equal = equal.take_while(move |(entry, _, _)| &entry[..] == digest);
        equal.filter(move |(_, s, _)| *s == size || *s == ANY_SIZE).map(|(_, _, id)| *id)
    }

    fn is_for_any_size(&self) -> bool {
        self.sizes.first() == Some(&ANY_SIZE)
    }
}

/// All digest signatures.
#[derive(Debug, Default)]
pub(crate) struct DigestSet {
    pub(crate) md5: Table<16>,
    pub(crate) sha1: Table<20>,
    pub(crate) sha256: Table<32>,
}

impl DigestSet {
    /// The set of `signatures`, each with its id.
    pub(crate) fn new(signatures: Vec<(HashLine, u32)>) -> Self {
        let mut set = Self::default();
        for (HashLine { digest, size }, id) in signatures {
            match digest {
                FileDigest::Md5(digest) => set.md5.push(digest, size, id),
                FileDigest::Sha1(digest) => set.sha1.push(digest, size, id),
                FileDigest::Sha256(digest) => set.sha256.push(digest, size, id),
            }
        }
        set.md5.sort();
        set.sha1.sort();
        set.sha256.sort();
        set
    }

    /// Whether a file of `size` bytes, or of any size when it is not known, may be in it.
    pub(crate) fn may_hold(&self, size: Option<u64>) -> bool {
        self.md5.may_hold(size) || self.sha1.may_hold(size) || self.sha256.may_hold(size)
    }

    /// The size in bytes above which no file is in it.
    pub(crate) fn size_max(&self) -> u64 {
        self.md5.size_max().max(self.sha1.size_max()).max(self.sha256.size_max())
    }
}
