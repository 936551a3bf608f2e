//! The trees in which HFS+ keeps what it knows (Technical Note 1150, "B-Trees"): their records in order, from the
//! first leaf to the last.

use std::collections::BTreeSet;

use gateway_inspect::Unscannable;

/// Bytes of a node before its records, and what kind a leaf is.
const NODE_BYTES: usize = 14;
const LEAF: u8 = 0xff;
const HEADER: u8 = 1;
/// Records of a tree, at the most; one with more: `TooMany`.
const RECORDS_MAX: usize = 400_000;

/// The bytes at `at` as a number, the highest first.
pub(super) fn be_16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_be_bytes(*b))
}

/// The same of four bytes.
pub(super) fn be_32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b))
}

/// The same of eight.
pub(super) fn be_64(bytes: &[u8], at: usize) -> u64 {
    u64::from(be_32(bytes, at)) << 32 | u64::from(be_32(bytes, at + 4))
}

/// A record: its key, with the length of that, and its data.
pub(super) type Record<'a> = (&'a [u8], &'a [u8]);

/// A tree.
pub(super) struct BTree<'a> {
    bytes: &'a [u8],
    node_bytes: usize,
    first: u32,
}

impl<'a> BTree<'a> {
    /// A tree of which these are the nodes.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Unscannable> {
        let node_bytes = usize::from(be_16(bytes, NODE_BYTES + 18));
        let is_sound = node_bytes.is_power_of_two() && node_bytes >= 512;
        if !is_sound || bytes.get(8) != Some(&HEADER) {
            return Err(Unscannable::Malformed);
        }
        Ok(Self { bytes, node_bytes, first: be_32(bytes, NODE_BYTES + 10) })
    }

    /// All records of its leaves.
    pub(super) fn leaves(&self) -> Result<Vec<Record<'a>>, Unscannable> {
        let (mut records, mut seen, mut next) = (Vec::new(), BTreeSet::new(), self.first);
        while next != 0 {
            if !seen.insert(next) {
                return Err(Unscannable::Contradiction);
            }
            let from = (next as usize).saturating_mul(self.node_bytes);
            let node = self.bytes.get(from..from.saturating_add(self.node_bytes));
            let node = node.ok_or(Unscannable::Malformed)?;
            if node.get(8) != Some(&LEAF) {
                return Err(Unscannable::Malformed);
            }
            for record in 0..usize::from(be_16(node, 10)) {
                records.push(read(node, record).ok_or(Unscannable::Malformed)?);
            }
            if records.len() > RECORDS_MAX {
                return Err(Unscannable::TooMany);
            }
            next = be_32(node, 0);
        }
        Ok(records)
    }
}

/// A record of a node: where it begins stands at the end of that, as does where the next one does.
fn read(node: &[u8], record: usize) -> Option<Record<'_>> {
    let place = |n: usize| node.len().checked_sub(2 * n).map(|at| usize::from(be_16(node, at)));
    let (from, to) = (place(record + 1)?, place(record + 2)?);
    let bytes = node.get(from..to)?;
    let key_bytes = usize::from(be_16(bytes, 0)) + 2;
    let (key, data) = bytes.split_at_checked(key_bytes)?;
    // Data begin at an even place.
    Some((key, data.get(key_bytes % 2..)?))
}
