//! How likely the one symbol of a context is, and how likely it is that none of those of a context follows: from
//! what came of contexts like it.

use std::sync::LazyLock;

use super::Variant;
use super::coder::BITS;

/// Bits of an estimate that are below its unit.
const PERIOD_BITS: u8 = 7;
/// Estimates of contexts of one symbol for each count.
const SINGLES: usize = 64;
/// What they begin with, over the count.
const SINGLE_STARTS: [u16; 8] = [0x3cdd, 0x1f3f, 0x59bf, 0x48f3, 0x64a1, 0x5abc, 0x6632, 0x6051];
/// What escapes count for once a context of one symbol gets another, by how likely the first was.
const ESCAPES: [u8; 16] = [25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2];
/// Numbers that are put into groups.
const NUMBERS: usize = 260;

/// An estimate of escapes.
#[derive(Clone, Copy, Debug)]
struct Escape {
    sum: u16,
    shift: u8,
    count: u8,
}

/// All estimates.
#[derive(Clone)]
pub(super) struct Estimates {
    groups: [u8; NUMBERS],
    singles: Vec<u16>,
    escapes: Vec<Escape>,
    /// Those that they begin with.
    fresh: &'static LazyLock<Self>,
}

/// What the estimates of either variant begin with, made once: there may be many short streams.
static FRESH_H: LazyLock<Estimates> = LazyLock::new(|| Estimates::at_first(Variant::H, &FRESH_H));
static FRESH_I: LazyLock<Estimates> = LazyLock::new(|| Estimates::at_first(Variant::I, &FRESH_I));

impl Estimates {
    pub(super) fn new(variant: Variant) -> Self {
        match variant {
            Variant::H => (*FRESH_H).clone(),
            Variant::I => (*FRESH_I).clone(),
        }
    }

    fn at_first(variant: Variant, fresh: &'static LazyLock<Self>) -> Self {
        let mut groups = [0; NUMBERS];
        let alone = match variant {
            Variant::H => 3,
            Variant::I => 5,
        };
        // Each of the first numbers is a group; those behind them are larger by one from group to group.
        let (mut group, mut left) = (0u8, 1);
        for slot in &mut groups {
            *slot = group;
            left -= 1;
            if left == 0 {
                group += 1;
                left = if group <= alone { 1 } else { group - alone + 1 };
            }
        }
        let none = Self { groups, singles: Vec::new(), escapes: Vec::new(), fresh };
        let (singles, escapes) = none.begun(variant);
        Self { singles, escapes, ..none }
    }

    /// The group that a number is in.
    pub(super) fn group(&self, number: u32) -> usize {
        self.groups.get(number as usize).map_or(0, |group| usize::from(*group))
    }

    /// The last number of a group.
    fn last_of(&self, group: usize) -> u32 {
        self.groups.iter().take_while(|other| usize::from(**other) <= group).count() as u32 - 1
    }

    fn begun(&self, variant: Variant) -> (Vec<u16>, Vec<Escape>) {
        let divisors: Vec<u32> = match variant {
            Variant::H => (2..130).collect(),
            Variant::I => (0..25).map(|group| self.last_of(group) + 2).collect(),
        };
        let single = |divisor: u32| {
            let start = |i: usize| SINGLE_STARTS.get(i % 8).copied().map_or(0, u32::from);
            (0..SINGLES).map(move |i| ((1 << BITS) - start(i) / divisor) as u16)
        };
        let (sums, each, count): (Vec<u32>, _, _) = match variant {
            Variant::H => ((0..25).map(|group| 5 * group + 10).collect(), 16, 4),
            Variant::I => ((3..27).map(|group| 2 * self.last_of(group) + 1).collect(), 32, 7),
        };
        let shift = PERIOD_BITS - 4;
        let escape = |sum: u32| Escape { sum: (sum << shift) as u16, shift, count };
        (
            divisors.into_iter().flat_map(single).collect(),
            sums.into_iter().flat_map(|sum| vec![escape(sum); each]).collect(),
        )
    }

    /// As at the beginning.
    pub(super) fn reset(&mut self) {
        self.singles.clone_from(&self.fresh.singles);
        self.escapes.clone_from(&self.fresh.escapes);
    }

    /// How likely the symbol is, of a context of one: in parts of 2^[`BITS`].
    pub(super) fn single(&self, row: usize, column: usize) -> u32 {
        self.singles.get(row * SINGLES + column).copied().unwrap_or(1).into()
    }

    /// The symbol came.
    pub(super) fn single_came(&mut self, row: usize, column: usize) {
        if let Some(slot) = self.singles.get_mut(row * SINGLES + column) {
            *slot = *slot + (1 << PERIOD_BITS) - mean(*slot);
        }
    }

    /// Another came: what escapes count for in the context from then on.
    pub(super) fn single_failed(&mut self, row: usize, column: usize) -> u8 {
        let Some(slot) = self.singles.get_mut(row * SINGLES + column) else { return 0 };
        *slot -= mean(*slot);
        ESCAPES.get(usize::from(*slot >> 10)).copied().unwrap_or(0)
    }

    /// What an escape counts for, 1 at the least; each time less.
    pub(super) fn escape(&mut self, place: usize) -> u32 {
        let Some(escape) = self.escapes.get_mut(place) else { return 1 };
        let count = escape.sum >> escape.shift;
        escape.sum -= count;
        u32::from(count).max(1)
    }

    /// A symbol came.
    pub(super) fn escape_failed(&mut self, place: usize) {
        let Some(escape) = self.escapes.get_mut(place) else { return };
        if escape.shift >= PERIOD_BITS {
            return;
        }
        escape.count = escape.count.wrapping_sub(1);
        if escape.count == 0 {
            escape.sum <<= 1;
            escape.count = (3u32 << escape.shift) as u8;
            escape.shift += 1;
        }
    }

    /// None came, where `total` was the sum of all counts.
    pub(super) fn escape_came(&mut self, place: usize, total: u32) {
        if let Some(escape) = self.escapes.get_mut(place) {
            escape.sum = escape.sum.wrapping_add(total as u16);
        }
    }
}

/// What one observation changes.
const fn mean(single: u16) -> u16 {
    (single + (1 << (PERIOD_BITS - 2))) >> PERIOD_BITS
}
