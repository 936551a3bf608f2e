//! Digest signatures, by the size of the file that they are for.
//!
//! A database holds up to millions of digests, each for a file of one exact size; a part is of one
//! size too. So all digests for one size lie together, sorted, and a size that no digest is for
//! costs a part nothing at all.

use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use bytes::Bytes;

use crate::hash_line::{FileDigest, HashLine};
use crate::image::{Input, Narrow, Stored, load_bulk, partition, store_bulk};

/// The size of an entry that fits a file of any size; no signature is for empty files.
const ANY_SIZE: u64 = 0;

/// Bytes of a digest that are kept: as many as an MD5 has, of which nobody finds a second file with
/// the same ones.
pub(crate) const KEPT: usize = 16;

/// The digests of one kind, of which `N` bytes are kept, by the size of the file and sorted.
///
/// An entry takes those bytes of its digest and up to 8 more.
#[derive(Debug, Default)]
pub(crate) struct Table<const N: usize> {
    /// The sizes of all entries; 4 GiB and more are one size, which the digests tell apart.
    sizes: Narrow,
    /// The first bytes of each, one behind the other.
    digests: Bytes,
    /// The id of the signature of each.
    signatures: Narrow,
    /// The greatest size.
    size_max: u64,
}

/// A size as it stands in a table.
fn narrow(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Size, what is kept of the digest, id of the signature: as it is held until all are there, so in few
/// bytes.
type Row<const N: usize> = (u32, [u8; N], u32);

/// Entries in the order in which they were loaded.
#[derive(Clone, Debug, Default)]
struct Rows<const N: usize> {
    rows: Vec<Row<N>>,
    /// The greatest size of all that ever were among them.
    size_max: u64,
}

impl<const N: usize> Rows<N> {
    fn push(&mut self, size: u64, digest: &[u8], id: u32) {
        if let Some(kept) = digest.first_chunk() {
            self.rows.push((narrow(size), *kept, id));
            self.size_max = self.size_max.max(size);
        }
    }
}

impl<const N: usize> Table<N> {
    /// The table of `rows`.
    fn new(rows: Rows<N>) -> Self {
        let Rows { rows: entries, size_max } = rows;
        // What is sorted is small: most sizes differ, and of those that do not most digests do at
        // once.
        let key = |(size, digest, _): &Row<N>| {
            let head = digest.first_chunk().map_or(0, |head| u32::from_be_bytes(*head));
            u64::from(*size) << 32 | u64::from(head)
        };
        let mut order: Vec<(u64, u32)> = entries.iter().map(key).zip(0..).collect();
        let rest = |index: u32| entries.get(index as usize).map(|(_, digest, id)| (digest, *id));
        order.sort_unstable_by(|one, other| {
            one.0.cmp(&other.0).then_with(|| rest(one.1).cmp(&rest(other.1)))
        });
        let mut digests = Vec::with_capacity(entries.len() * N);
        let mut signatures = Vec::with_capacity(entries.len());
        for (_, digest, id) in order.iter().filter_map(|(_, index)| entries.get(*index as usize)) {
            digests.extend_from_slice(digest);
            signatures.push(*id);
        }
        Self {
            sizes: order.iter().map(|(key, _)| (key >> 32) as u32).collect(),
            digests: digests.into(),
            signatures: signatures.into_iter().collect(),
            size_max,
        }
    }

    /// Whether it has no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Whether a file of `size` bytes, or of any size when it is not known, may be in it.
    pub(crate) fn may_hold(&self, size: Option<u64>) -> bool {
        match size {
            None => !self.sizes.is_empty(),
            Some(size) => self.is_for_any_size() || !self.range(size, size).is_empty(),
        }
    }

    /// Whether something of one of these sizes may be in it.
    pub(crate) fn may_hold_any_of(&self, sizes: &RangeInclusive<u64>) -> bool {
        self.is_for_any_size() || !self.range(*sizes.start(), *sizes.end()).is_empty()
    }

    /// The entries for sizes from `first` to `last`.
    fn range(&self, first: u64, last: u64) -> Range<usize> {
        let from = self.sizes.partition(0, narrow(first));
        let behind = narrow(last).checked_add(1);
        from..behind.map_or(self.sizes.len(), |behind| self.sizes.partition(from, behind))
    }

    /// The size in bytes above which no file is in it.
    pub(crate) fn size_max(&self) -> u64 {
        if self.is_for_any_size() { u64::MAX } else { self.size_max }
    }

    /// The ids of the signatures of a file of `size` bytes.
    pub(crate) fn find(&self, digest: &[u8], size: u64) -> impl Iterator<Item = u32> {
        let sizes = [Some(size), (size != ANY_SIZE).then_some(ANY_SIZE)];
        sizes.into_iter().flatten().flat_map(move |size| self.find_in(digest, size))
    }

    /// The ids of the signatures for this size alone.
    fn find_in(&self, digest: &[u8], size: u64) -> impl Iterator<Item = u32> {
        let digest = digest.get(..N).unwrap_or_default();
        let entries = self.range(size, size);
        let first = partition(entries.clone(), |index| self.digest(index) < digest);
        let equal = (first..entries.end).take_while(move |index| self.digest(*index) == digest);
        equal.filter_map(|index| self.signatures.at(index))
    }

    /// The ids of the signatures of a line with this digest. A size that stands for others is none.
    fn ids_of(&self, digest: &[u8], size: u64) -> impl Iterator<Item = u32> {
        let is_exact = narrow(size) < u32::MAX;
        is_exact.then(|| self.find_in(digest, size)).into_iter().flatten()
    }

    fn digest(&self, index: usize) -> &[u8] {
        let at = index.saturating_mul(N);
        self.digests.get(at..at.saturating_add(N)).unwrap_or_default()
    }

    fn is_for_any_size(&self) -> bool {
        self.sizes.at(0) == Some(narrow(ANY_SIZE))
    }

    fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.size_max.store(out);
        self.sizes.store(out, bulk);
        store_bulk(&self.digests, out, bulk);
        self.signatures.store(out, bulk);
    }

    fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let size_max = Stored::load(input)?;
        let sizes = Narrow::load(input, bulk)?;
        let digests = load_bulk(input, bulk)?;
        let signatures = Narrow::load(input, bulk)?;
        let fits =
            signatures.len() == sizes.len() && Some(digests.len()) == sizes.len().checked_mul(N);
        fits.then_some(Self { sizes, digests, signatures, size_max })
    }
}

/// Digest signatures in the order in which they were loaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct DigestRows {
    md5: Rows<KEPT>,
    sha1: Rows<KEPT>,
    sha256: Rows<KEPT>,
}

impl DigestRows {
    /// Takes in signature `id`.
    pub(crate) fn push(&mut self, line: HashLine, id: u32) {
        let size = line.size.unwrap_or(ANY_SIZE);
        match line.digest {
            FileDigest::Md5(digest) => self.md5.push(size, &digest, id),
            FileDigest::Sha1(digest) => self.sha1.push(size, &digest, id),
            FileDigest::Sha256(digest) => self.sha256.push(size, &digest, id),
        }
    }

    /// Forgets those of some signatures.
    pub(crate) fn remove(&mut self, ids: &BTreeSet<u32>) {
        for rows in [&mut self.md5, &mut self.sha1, &mut self.sha256] {
            rows.rows.retain(|(_, _, id)| !ids.contains(id));
        }
    }

    /// How many there are of each kind of digest.
    pub(crate) fn extent(&self) -> [usize; 3] {
        [&self.md5, &self.sha1, &self.sha256].map(|rows| rows.rows.len())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.extent().iter().sum()
    }

    /// Forgets what was taken in since there were so many.
    pub(crate) fn truncate(&mut self, to: [usize; 3]) {
        for (rows, to) in [&mut self.md5, &mut self.sha1, &mut self.sha256].into_iter().zip(to) {
            rows.rows.truncate(to);
        }
    }
}

/// All digest signatures.
#[derive(Debug, Default)]
pub(crate) struct DigestSet {
    pub(crate) md5: Table<KEPT>,
    pub(crate) sha1: Table<KEPT>,
    pub(crate) sha256: Table<KEPT>,
}

impl DigestSet {
    pub(crate) fn new(rows: DigestRows) -> Self {
        let DigestRows { md5, sha1, sha256 } = rows;
        Self { md5: Table::new(md5), sha1: Table::new(sha1), sha256: Table::new(sha256) }
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        self.md5.store(out, bulk);
        self.sha1.store(out, bulk);
        self.sha256.store(out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let md5 = Table::load(input, bulk)?;
        let sha1 = Table::load(input, bulk)?;
        Some(Self { md5, sha1, sha256: Table::load(input, bulk)? })
    }

    /// The ids of the signatures of lines that say what `line` does, but for their names.
    pub(crate) fn ids_of(&self, line: &HashLine) -> impl Iterator<Item = u32> {
        let size = line.size.unwrap_or(ANY_SIZE);
        let (table, digest): (_, &[u8]) = match &line.digest {
            FileDigest::Md5(digest) => (&self.md5, digest),
            FileDigest::Sha1(digest) => (&self.sha1, digest),
            FileDigest::Sha256(digest) => (&self.sha256, digest),
        };
        table.ids_of(digest, size)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        !self.may_hold(None)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_under_their_size_and_under_any() {
        let table = |entries: &[(u64, u8)]| {
            let mut rows = Rows::<2>::default();
            for ((size, digest), id) in entries.iter().zip(0..) {
                rows.push(*size, &[*digest; 5], id);
            }
            Table::new(rows)
        };
        let all = table(&[(7, 1), (ANY_SIZE, 1), (7, 3), (7, 1), (9, 1)]);
        for (size, digest, expected) in [
            (7, 1, &[0, 3, 1][..]),
            (7, 3, &[2]),
            (7, 2, &[]),
            (9, 1, &[4, 1]),
            (8, 1, &[1]),
            (8, 3, &[]),
            (0, 1, &[1]),
        ] {
            let found: Vec<_> = all.find(&[digest; 2], size).collect();
            assert_eq!(found, expected, "{digest} of {size} bytes");
        }
        assert!(all.may_hold(Some(8)) && all.size_max() == u64::MAX);
        let one = table(&[(7, 1)]);
        assert!(one.may_hold(Some(7)) && !one.may_hold(Some(8)) && one.may_hold(None));
        assert_eq!((one.size_max(), table(&[]).may_hold(None)), (7, false));
    }
}
