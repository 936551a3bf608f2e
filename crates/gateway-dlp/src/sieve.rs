//! The sieve: one pass, for all entries at once, over the places where a match may begin.
//!
//! A place is tested by the byte before it and the first [`DEPTH`] bytes at it, each by one table
//! of bit masks; a bit that stays set in all of them names entries that may match there. The
//! tests of different places do not depend on each other, so a processor does several at a time;
//! they carry no state, so there is none to lose between chunks. The sieve lets through more than
//! matches, never less: what passes is entered in the automaton of its entry.

use std::collections::BTreeSet;

use crate::automaton::Automaton;
use crate::shape::{DEPTH, Shape, shapes};

/// The number of buckets: bits of a mask.
const BUCKETS: usize = u64::BITS as usize;

/// Tells where matches may begin. Works on the bits of a mask, the *buckets*.
pub(crate) struct Sieve {
    /// What may begin at the start of the part.
    at_start: u64,
    /// What may begin behind a byte.
    before: Box<[u64; 256]>,
    /// What may have a byte at this distance from its start.
    at: Box<[[u64; 256]; DEPTH]>,
    /// The entries of each bucket, by index.
    entries: Vec<Vec<usize>>,
}

/// A place where something may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Its index in the bytes that were searched.
    pub(crate) at: usize,
    /// The buckets of what may begin there.
    pub(crate) buckets: u64,
}

impl Sieve {
    pub(crate) fn new<'a>(automata: impl ExactSizeIterator<Item = &'a Automaton>) -> Self {
        let shapes_max = (BUCKETS / automata.len().max(1)).max(1);
        let mut sieve = Self {
            at_start: 0,
            before: Box::new([0; 256]),
            at: Box::new([[0; 256]; DEPTH]),
            entries: Vec::new(),
        };
        let mut next = 0;
        for (entry, automaton) in automata.enumerate() {
            for shape in shapes(automaton, shapes_max) {
                sieve.add(next % BUCKETS, entry, &shape);
                next += 1;
            }
        }
        sieve
    }

    /// The buckets whose entries may begin where `bytes` do. With fewer than [`DEPTH`] bytes, the
    /// missing ones may be anything.
    pub(crate) fn test(&self, before: Option<u8>, bytes: &[u8]) -> u64 {
        let begin = match before {
            Some(byte) => self.before[usize::from(byte)],
            None => self.at_start,
        };
        let tables = self.at.iter().zip(bytes);
        tables.fold(begin, |mask, (table, byte)| mask & table[usize::from(*byte)])
    }

    /// The first place from `from` on that has [`DEPTH`] bytes, where something of `buckets` may
    /// begin. `from` must not be 0: a byte must stand before it.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, buckets: u64) -> Option<Hit> {
        let [at0, at1, at2, at3] = &*self.at;
        let places = bytes.get(from.checked_sub(1)?..)?.array_windows::<{ DEPTH + 1 }>();
        for (index, [before, b0, b1, b2, b3]) in places.enumerate() {
            let mask = self.before[usize::from(*before)]
                & at0[usize::from(*b0)]
                & at1[usize::from(*b1)]
                & at2[usize::from(*b2)]
                & at3[usize::from(*b3)]
                & buckets;
            if mask != 0 {
                return Some(Hit { at: from + index, buckets: mask });
            }
        }
        None
    }

    /// The entries of `buckets`, by index; an entry may come more than once.
    pub(crate) fn entries(&self, mut buckets: u64) -> impl Iterator<Item = usize> + '_ {
        std::iter::from_fn(move || {
            let lowest = buckets.trailing_zeros();
            buckets &= buckets.wrapping_sub(1);
            self.entries.get(usize::try_from(lowest).ok()?)
        })
        .flatten()
        .copied()
    }

    /// The buckets that hold an entry for which `is_active` says so.
    pub(crate) fn buckets(&self, is_active: impl Fn(usize) -> bool) -> u64 {
        let active = |(_, entries): &(usize, &Vec<usize>)| entries.iter().any(|e| is_active(*e));
        self.entries.iter().enumerate().filter(active).fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.before) + size_of_val(&*self.at)
    }

    fn add(&mut self, bucket: usize, entry: usize, shape: &Shape) {
        let bit = 1 << bucket;
        if shape.at_start {
            self.at_start |= bit;
        }
        set(&mut self.before, bit, &shape.before);
        for (table, bytes) in self.at.iter_mut().zip(&shape.at) {
            set(table, bit, bytes);
        }
        if self.entries.len() <= bucket {
            self.entries.resize(bucket + 1, Vec::new());
        }
        if let Some(entries) = self.entries.get_mut(bucket) {
            entries.push(entry);
        }
    }
}

fn set(table: &mut [u64; 256], bit: u64, bytes: &BTreeSet<u8>) {
    for byte in bytes {
        table[usize::from(*byte)] |= bit;
    }
}
