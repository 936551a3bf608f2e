//! Where contexts and their states stand: text from below, units of twelve bytes above it, given out and taken back
//! in blocks of some sizes. How full it is decides when a model begins anew, so what is given out where is part of
//! the format.

use super::Variant;
use super::held::Held;
use super::sizes::{SIZE_UNITS, SIZES, UNITS_MAX, size_of, units_of};

/// Bytes of a unit: a context, or two states.
pub(super) const UNIT: u32 = 12;
/// Bytes of a state.
pub(super) const STATE: u32 = 6;
/// What a free block begins with; no context and no state does.
const FREE: u32 = u32::MAX;
/// Units that one block may come to when neighbours are joined, in variant H.
const JOINED_MAX: u32 = 1 << 16;
/// Within so many bytes of the lowest unit blocks are moved up, in variant I.
const LOW_BYTES: u32 = 16 << 10;

/// What may follow in a context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) symbol: u8,
    pub(super) freq: u8,
    /// The context behind it, or where in the text that would be; 0 for none.
    pub(super) successor: u32,
}

/// The memory.
pub(super) struct Heap {
    pub(super) held: Held,
    variant: Variant,
    /// Where the text begins, and how many bytes there are from there on.
    start: u32,
    size: u32,
    /// Where the text ends, and where units begin.
    pub(super) text: u32,
    pub(super) units_start: u32,
    /// Between these nothing was given out yet.
    low: u32,
    high: u32,
    /// The free blocks of each size as a list, and how many there are.
    free: [u32; SIZES],
    counts: [u32; SIZES],
    /// How often there may be no block before neighbours are joined.
    misses_left: u32,
    /// Blocks that were looked at in search of room.
    pub(super) visits: u64,
}

impl Heap {
    /// One of `size` bytes, 2 KiB at the least, of which `bytes_max` may be used.
    pub(super) fn new(variant: Variant, size: u32, bytes_max: usize) -> Self {
        let text_bytes = size - size / 8 / UNIT * 7 * UNIT;
        // So that units stand at multiples of their size, and nothing at 0.
        let start = UNIT - text_bytes % UNIT;
        let mut heap = Self {
            held: Held::new(start, start + size, bytes_max),
            variant,
            start,
            size,
            text: 0,
            units_start: 0,
            low: 0,
            high: 0,
            free: [0; SIZES],
            counts: [0; SIZES],
            misses_left: 0,
            visits: 0,
        };
        heap.clear();
        heap
    }

    /// Nothing is given out any more.
    pub(super) fn clear(&mut self) {
        (self.free, self.counts, self.misses_left) = ([0; SIZES], [0; SIZES], 0);
        self.text = self.start;
        self.high = self.start + self.size;
        self.low = self.high - self.size / 8 / UNIT * 7 * UNIT;
        self.units_start = self.low;
    }

    /// The text begins anew.
    pub(super) fn clear_text(&mut self) {
        self.text = self.start;
    }

    /// Neighbours are joined at the next miss.
    pub(super) fn join_soon(&mut self) {
        self.misses_left = 0;
    }

    /// One more byte of text: whether there is still room for another.
    pub(super) fn push_text(&mut self, byte: u8) -> bool {
        self.held.set_text(self.text, byte);
        self.text += 1;
        self.text < self.units_start
    }

    /// Bytes that are in use.
    pub(super) fn used(&self) -> u32 {
        let free: u32 = self
            .counts
            .iter()
            .zip(SIZE_UNITS)
            .map(|(count, units)| count.wrapping_mul(units))
            .sum();
        let room = (self.high - self.low) + (self.units_start - self.text);
        self.size.wrapping_sub(room).wrapping_sub(free.wrapping_mul(UNIT))
    }

    pub(super) const fn size(&self) -> u32 {
        self.size
    }

    /// The first context of all, in the highest unit.
    pub(super) fn first_context(&mut self) -> u32 {
        self.high -= UNIT;
        self.reach();
        self.high
    }

    /// A unit for a context.
    pub(super) fn context(&mut self) -> Option<u32> {
        if self.high != self.low {
            return Some(self.first_context());
        }
        self.take_free(0).or_else(|| self.search(0))
    }

    /// So many units.
    pub(super) fn block(&mut self, units: u32) -> Option<u32> {
        let size = size_of(units);
        if let Some(block) = self.take_free(size) {
            return Some(block);
        }
        let bytes = units_of(size) * UNIT;
        if bytes <= self.high - self.low {
            self.low += bytes;
            self.reach();
            return Some(self.low - bytes);
        }
        self.search(size)
    }

    /// A block for one unit more than `units`, with what stands in `block`: that itself if it is as large.
    pub(super) fn grow(&mut self, block: u32, units: u32) -> Option<u32> {
        let size = size_of(units);
        if size == size_of(units + 1) {
            return Some(block);
        }
        let grown = self.block(units + 1)?;
        self.held.copy(block, grown, units * UNIT);
        self.insert(block, size);
        Some(grown)
    }

    /// The same for fewer units.
    pub(super) fn shrink(&mut self, block: u32, units: u32, fewer: u32) -> u32 {
        let (from, to) = (size_of(units), size_of(fewer));
        if from == to {
            return block;
        }
        let Some(other) = self.take_free(to) else {
            self.split(block, from, to);
            return block;
        };
        self.held.copy(block, other, fewer * UNIT);
        self.insert(block, from);
        other
    }

    /// Takes a block of so many units back.
    pub(super) fn release(&mut self, block: u32, units: u32) {
        self.insert(block, size_of(units));
    }

    /// Takes one unit back; the lowest of all makes room for text.
    pub(super) fn release_unit(&mut self, unit: u32) {
        if unit == self.units_start {
            self.units_start += UNIT;
        } else {
            self.insert(unit, 0);
        }
    }

    /// Moves a low block to a free one above it, if there is one, to make room for text: where it is then.
    pub(super) fn move_up(&mut self, block: u32, units: u32) -> u32 {
        let size = size_of(units);
        let above = self.free.get(size).copied().unwrap_or(0);
        if block > self.units_start.saturating_add(LOW_BYTES) || block > above {
            return block;
        }
        let Some(other) = self.take_free(size) else { return block };
        self.held.copy(block, other, units * UNIT);
        if block == self.units_start {
            self.units_start += units_of(size) * UNIT;
        } else {
            self.insert(block, size);
        }
        other
    }

    /// Gives the free blocks between text and other units to the text.
    pub(super) fn widen_text(&mut self) {
        let mut counts = [0u32; SIZES];
        self.guard();
        while self.is_free(self.units_start) {
            let units = self.free_units(self.units_start).max(1);
            self.held.set_number(self.units_start, 0);
            if let Some(count) = counts.get_mut(size_of(units)) {
                *count += 1;
            }
            self.units_start += units * UNIT;
            self.visits += 1;
        }
        for (size, mut left) in counts.into_iter().enumerate() {
            let (mut before, mut block) = (0, self.free.get(size).copied().unwrap_or(0));
            while left > 0 && block != 0 {
                let next = self.next_free(block);
                if self.is_free(block) {
                    before = block;
                } else {
                    self.link(before, size, next);
                    self.count(size, -1);
                    left -= 1;
                }
                block = next;
                self.visits += 1;
            }
        }
    }

    /// `block`, or the list of that size if there is none, goes on with `next`.
    fn link(&mut self, block: u32, size: usize, next: u32) {
        if block != 0 {
            self.held.set_number(block + 4, next);
        } else if let Some(head) = self.free.get_mut(size) {
            *head = next;
        }
    }

    fn count(&mut self, size: usize, by: i32) {
        if let Some(count) = self.counts.get_mut(size) {
            *count = count.wrapping_add_signed(by);
        }
    }

    fn is_free(&self, block: u32) -> bool {
        self.held.number(block) == FREE
    }

    fn next_free(&self, block: u32) -> u32 {
        self.held.number(block + 4)
    }

    fn free_units(&self, block: u32) -> u32 {
        self.held.number(block + 8)
    }

    fn set_free(&mut self, block: u32, next: u32, units: u32) {
        let [a, b, c] = [FREE, next, units].map(u32::to_le_bytes);
        self.held.write(block, a);
        self.held.write(block + 4, b);
        self.held.write(block + 8, c);
    }

    /// Where nothing was given out yet is no free block.
    fn guard(&mut self) {
        if self.low != self.high {
            self.held.set_number(self.low, 0);
        }
    }

    fn insert(&mut self, block: u32, size: usize) {
        let next = self.free.get(size).copied().unwrap_or(0);
        self.set_free(block, next, units_of(size));
        self.link(0, size, block);
        self.count(size, 1);
    }

    fn take_free(&mut self, size: usize) -> Option<u32> {
        let block = self.free.get(size).copied().filter(|block| *block != 0)?;
        let next = self.next_free(block);
        self.link(0, size, next);
        self.count(size, -1);
        Some(block)
    }

    /// What of a block of the size `from` is behind one of the size `to` is free.
    fn split(&mut self, block: u32, from: usize, to: usize) {
        let rest = units_of(from) - units_of(to);
        self.insert_all(block + units_of(to) * UNIT, rest);
    }

    /// `units` from `block` on are free, as blocks of the sizes that there are.
    fn insert_all(&mut self, mut block: u32, mut units: u32) {
        while units > UNITS_MAX {
            self.insert(block, SIZES - 1);
            block += UNITS_MAX * UNIT;
            units -= UNITS_MAX;
        }
        let mut size = size_of(units);
        if units_of(size) != units {
            size = size.saturating_sub(1);
            let fits = units_of(size);
            self.insert(block + fits * UNIT, size_of(units - fits));
        }
        self.insert(block, size);
    }

    /// A block of that size where there is none at hand.
    fn search(&mut self, size: usize) -> Option<u32> {
        if self.misses_left == 0 {
            self.join();
            if let Some(block) = self.take_free(size) {
                return Some(block);
            }
        }
        for larger in size + 1..SIZES {
            if let Some(block) = self.take_free(larger) {
                self.split(block, larger, size);
                return Some(block);
            }
        }
        self.misses_left = self.misses_left.wrapping_sub(1);
        let bytes = units_of(size) * UNIT;
        if self.units_start - self.text <= bytes {
            return None;
        }
        self.units_start -= bytes;
        self.reach();
        Some(self.units_start)
    }

    /// What was given out is held.
    fn reach(&mut self) {
        self.held.reach(self.units_start, self.low, self.high);
    }

    /// Joins free neighbours. In which order is part of the format.
    fn join(&mut self) {
        self.guard();
        let mut all = Vec::new();
        for size in 0..SIZES {
            let mut block = self.free.get(size).copied().unwrap_or(0);
            while block != 0 {
                all.push(block);
                block = self.next_free(block);
            }
        }
        self.visits += all.len() as u64;
        (self.free, self.counts) = ([0; SIZES], [0; SIZES]);
        let units_max = match self.variant {
            Variant::H => {
                self.misses_left = 255;
                all.reverse();
                JOINED_MAX
            }
            Variant::I => {
                self.misses_left = 1 << 13;
                u32::MAX
            }
        };
        all.retain(|block| {
            let units = self.joined(*block, units_max);
            self.held.set_number(block + 8, units);
            units != 0
        });
        for block in all {
            // It may have become part of one that comes behind it.
            let units = self.free_units(block);
            if units != 0 {
                self.insert_all(block, units);
            }
        }
    }

    /// Units of a free block with the free blocks behind it, which have none from then on.
    fn joined(&mut self, block: u32, units_max: u32) -> u32 {
        let mut units = self.free_units(block);
        while units != 0 {
            let next = block + units * UNIT;
            let more = self.free_units(next);
            if !self.is_free(next) || more == 0 || units + more >= units_max {
                break;
            }
            units += more;
            self.held.set_number(next + 8, 0);
        }
        units
    }
}
