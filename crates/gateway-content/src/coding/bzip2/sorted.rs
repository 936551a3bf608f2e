//! The bytes of a block as they were sorted, and as they come out: put in their order, runs written out, and summed
//! up. No more is held than a block has, and that for the next one too.

use bytes::BytesMut;
use crc32fast::Hasher;

use super::super::bits::{Fault, MALFORMED};
use super::random::Random;

/// Bytes that are written at once.
const PIECE: usize = 1 << 10;
/// Bytes that a block holds at first.
const FIRST: usize = 1 << 10;
/// Entries of a block that is not small: where more are wanted, there is room for all at once. An allocator that
/// moves what grows would have half as much again in its hands otherwise; of what is not used yet, only addresses
/// are taken.
const SMALL: usize = 32 << 10;
/// Equal bytes behind which the next one tells how many more there are.
const RUN: u8 = 4;

/// A block of which all was read.
pub(super) struct Sorted {
    /// Bytes, in the lowest eight bits; once they are put in order, where the next one is, above them.
    entries: Vec<u32>,
    /// Of each byte how many there are.
    counts: [u32; 256],
    /// Entries of a block at the most.
    max: usize,
    /// Where the next byte is, and how many have come out.
    at: u32,
    used: usize,
    random: Option<Random>,
    /// The byte before, how many of it have come out one behind the other, and how many more do.
    last: u8,
    equal: u8,
    more: usize,
    sum: Hasher,
}

impl Sorted {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            counts: [0; 256],
            max: 0,
            at: 0,
            used: 0,
            random: None,
            last: 0,
            equal: 0,
            more: 0,
            sum: Hasher::new(),
        }
    }

    /// Bytes of memory that it holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.entries.capacity() * size_of::<u32>()
    }

    /// Begins a block of up to `max` bytes.
    pub(super) fn begin(&mut self, max: usize) {
        self.entries.clear();
        self.counts = [0; 256];
        (self.max, self.used) = (max, 0);
        (self.last, self.equal, self.more) = (0, 0, 0);
        self.sum.reset();
    }

    /// Makes room for `more` bytes, no more than a block may have.
    fn reserve(&mut self, more: usize) -> Result<(), Fault> {
        let len = self.entries.len().saturating_add(more);
        if len > self.max {
            return Err(MALFORMED);
        }
        if len > self.entries.capacity() {
            let want = if len > SMALL {
                self.max
            } else {
                (2 * self.entries.capacity()).max(FIRST).min(self.max).max(len)
            };
            self.entries.reserve_exact(want - self.entries.len());
        }
        Ok(())
    }

    /// Adds a byte.
    #[inline]
    pub(super) fn byte(&mut self, byte: u8) -> Result<(), Fault> {
        if self.entries.len() == self.entries.capacity() || self.entries.len() >= self.max {
            self.reserve(1)?;
        }
        self.entries.push(byte.into());
        self.counts[usize::from(byte)] += 1;
        Ok(())
    }

    /// Adds a byte so many times.
    pub(super) fn run(&mut self, byte: u8, times: usize) -> Result<(), Fault> {
        self.reserve(times)?;
        self.entries.resize(self.entries.len() + times, byte.into());
        self.counts[usize::from(byte)] += times as u32;
        Ok(())
    }

    /// Puts the bytes in order, from the one at `origin` on.
    pub(super) fn order(&mut self, origin: usize, is_random: bool) -> Result<(), Fault> {
        let mut sum = 0;
        for count in &mut self.counts {
            sum += std::mem::replace(count, sum);
        }
        for i in 0..self.entries.len() {
            let Some(entry) = self.entries.get(i) else { break };
            let next = &mut self.counts[usize::from(*entry as u8)];
            if let Some(entry) = self.entries.get_mut(*next as usize) {
                *entry |= (i as u32) << 8;
            }
            *next += 1;
        }
        self.at = self.entries.get(origin).ok_or(MALFORMED)? >> 8;
        self.random = is_random.then(Random::default);
        Ok(())
    }

    /// Appends up to `room` bytes to `out`: whether more are to come.
    pub(super) fn write(&mut self, room: usize, out: &mut BytesMut) -> bool {
        let mut left = room;
        let mut piece = [0; PIECE];
        while left > 0 {
            let n = self.fill(piece.get_mut(..left.min(PIECE)).unwrap_or_default());
            let written = piece.get_mut(..n).unwrap_or_default();
            out.extend_from_slice(written);
            // Its sum is that of the bytes turned round.
            written.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
            self.sum.update(written);
            left -= n;
            if n == 0 || self.is_over() {
                break;
            }
        }
        !self.is_over()
    }

    const fn is_over(&self) -> bool {
        self.more == 0 && self.used == self.entries.len()
    }

    /// Fills `piece` with what comes next: how many bytes there are.
    fn fill(&mut self, piece: &mut [u8]) -> usize {
        let mut n = 0;
        while let Some(slots) = piece.get_mut(n..)
            && !slots.is_empty()
        {
            if self.more > 0 {
                let times = self.more.min(slots.len());
                slots.iter_mut().take(times).for_each(|slot| *slot = self.last);
                self.more -= times;
                n += times;
                continue;
            }
            if self.used == self.entries.len() {
                break;
            }
            let entry = self.entries.get(self.at as usize).copied().unwrap_or(0);
            self.at = entry >> 8;
            self.used += 1;
            let byte = entry as u8 ^ self.random.as_mut().map_or(0, Random::mask);
            if self.equal == RUN {
                (self.more, self.equal) = (byte.into(), 0);
                continue;
            }
            self.equal = if byte == self.last { self.equal + 1 } else { 1 };
            self.last = byte;
            if let Some(slot) = slots.first_mut() {
                *slot = byte;
            }
            n += 1;
        }
        n
    }

    /// All has come out: the sum of it, unless it breaks off within a run.
    pub(super) fn sum(&self) -> Option<u32> {
        (self.equal < RUN).then(|| self.sum.clone().finalize().reverse_bits())
    }
}
