//! The model: a symbol is told by the longest context that there is of it, or by that that none of those that
//! followed there does, and then by a shorter one.

use gateway_inspect::Unscannable;

use super::Variant;
use super::coder::Parts;
use super::context::{AFTER_HIGH, HAS_HIGH, high};
use super::estimate::Estimates;
use super::heap::{Heap, STATE, State};
use crate::coding::range::Source;

/// The highest count.
pub(super) const FREQ_MAX: u8 = 124;
/// What a count grows by.
const GROWTH: u8 = 4;
/// Visits that beginning anew takes as long as.
const RESTART_VISITS: u64 = 8 << 10;

/// What is done once the memory is full, in variant I.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restoration {
    /// The model begins anew.
    Restart,
    /// What is longest and rarest goes.
    CutOff,
}

/// The model.
pub(super) struct Model {
    pub(super) variant: Variant,
    pub(super) order_max: u32,
    pub(super) restoration: Restoration,
    pub(super) heap: Heap,
    pub(super) estimates: Estimates,
    /// The context that told the last symbol, and the longest there is of what came.
    pub(super) least: u32,
    pub(super) most: u32,
    /// The state of the last symbol.
    pub(super) found: u32,
    /// By how much the context is shorter than the order.
    pub(super) fallen: u32,
    /// What escapes count for in a context that gets a second symbol.
    pub(super) escape_start: u8,
    /// Symbols that were as expected, one after the other, beyond what it begins with.
    run: i32,
    run_start: i32,
    /// Whether the last symbol was as expected.
    was_likely: bool,
    /// Whether the last symbol before an escape was a high one, in variant H.
    was_high: bool,
    /// Steps that were taken beside one for each symbol.
    pub(super) visits: u64,
}

/// Symbols that were excluded: what is left of a count, bit by bit, of each.
struct Excluded([u8; 256]);

impl Excluded {
    fn add(&mut self, symbol: u8) {
        self.0[usize::from(symbol)] = 0;
    }

    /// All bits, or none of an excluded symbol.
    const fn open(&self, symbol: u8) -> u8 {
        self.0[symbol as usize]
    }
}

impl Model {
    /// A model of contexts of up to `order_max` symbols in `heap`.
    pub(super) fn new(
        variant: Variant,
        order_max: u32,
        restoration: Restoration,
        heap: Heap,
    ) -> Self {
        let mut model = Self {
            variant,
            order_max,
            restoration,
            heap,
            estimates: Estimates::new(variant),
            least: 0,
            most: 0,
            found: 0,
            fallen: 0,
            escape_start: 0,
            run: 0,
            run_start: -(order_max.min(12) as i32) - 1,
            was_likely: false,
            was_high: false,
            visits: 0,
        };
        model.restart();
        model
    }

    /// Begins anew: every symbol is as likely as any.
    pub(super) fn restart(&mut self) {
        self.heap.clear();
        let context = self.heap.first_context();
        // The least memory has room for that.
        let first = self.heap.block(128).unwrap_or(0);
        self.heap.set_states(context, 256);
        self.heap.set_marks(context, 0);
        self.heap.set_sum(context, 257);
        self.heap.set_first(context, first);
        self.heap.set_suffix(context, 0);
        for symbol in 0..=u8::MAX {
            let state = State { symbol, freq: 1, successor: 0 };
            self.heap.set_state(first + STATE * u32::from(symbol), state);
        }
        (self.least, self.most, self.found) = (context, context, first);
        self.fallen = self.order_max;
        (self.run, self.was_likely) = (self.run_start, false);
        self.estimates.reset();
        self.visits += RESTART_VISITS;
    }

    /// The next symbol; `None` for the mark of an end.
    pub(super) fn decode(
        &mut self,
        coder: &mut impl Parts,
        source: &mut Source<'_>,
    ) -> Result<Option<u8>, Unscannable> {
        let told = match self.heap.states(self.least) {
            1 => self.decode_single(coder, source),
            _ => self.decode_first(coder, source),
        };
        match told.ok_or(Unscannable::Malformed)? {
            Some(symbol) => Ok(Some(symbol)),
            None => self.decode_shorter(coder, source),
        }
    }

    /// By the contexts that are shorter than one by which it was not.
    fn decode_shorter(
        &mut self,
        coder: &mut impl Parts,
        source: &mut Source<'_>,
    ) -> Result<Option<u8>, Unscannable> {
        let mut excluded = Excluded([u8::MAX; 256]);
        loop {
            let states = self.exclude(&mut excluded);
            loop {
                self.fallen += 1;
                let suffix = self.heap.suffix(self.least);
                if suffix == 0 {
                    return Ok(None);
                }
                self.least = suffix;
                if self.heap.states(suffix) != states {
                    break;
                }
            }
            let told = self.decode_next(coder, source, &excluded, states);
            if let Some(symbol) = told.ok_or(Unscannable::Malformed)? {
                return Ok(Some(symbol));
            }
        }
    }

    /// By a context of one symbol: that, or `Some(None)` for an escape.
    fn decode_single(
        &mut self,
        coder: &mut impl Parts,
        source: &mut Source<'_>,
    ) -> Option<Option<u8>> {
        let at = self.heap.first(self.least);
        let state = self.heap.state(at);
        let (row, column) = self.single_place(state);
        if coder.bit(self.estimates.single(row, column), source)? {
            self.estimates.single_came(row, column);
            let freq_max = match self.variant {
                Variant::H => 128,
                Variant::I => 196,
            };
            self.heap.set_freq(at, state.freq + u8::from(state.freq < freq_max));
            (self.found, self.was_likely) = (at, true);
            self.run = self.run.wrapping_add(1);
            self.go_on();
            return Some(Some(state.symbol));
        }
        self.escape_start = self.estimates.single_failed(row, column);
        self.was_likely = false;
        Some(None)
    }

    /// Which estimate is that of the one state of a context.
    fn single_place(&mut self, state: State) -> (usize, usize) {
        let shorter = self.heap.states(self.heap.suffix(self.least));
        let mut column = match shorter {
            1 => 0,
            2 => 2,
            3..=11 => 4,
            _ => 6,
        };
        column += usize::from(self.was_likely);
        // As long as there are fewer than were expected at first.
        column += (self.run >> 26 & 0x20) as usize;
        let freq = u32::from(state.freq).saturating_sub(1);
        match self.variant {
            Variant::H => {
                let last = high(self.heap.symbol(self.found));
                self.was_high = last != 0;
                column += usize::from(last) + 2 * usize::from(high(state.symbol));
                (freq as usize, column)
            }
            Variant::I => {
                column += usize::from(self.heap.marks(self.least) & (AFTER_HIGH | HAS_HIGH));
                (self.estimates.group(freq), column)
            }
        }
    }

    /// By the longest context.
    fn decode_first(
        &mut self,
        coder: &mut impl Parts,
        source: &mut Source<'_>,
    ) -> Option<Option<u8>> {
        let context = self.heap.at(self.least);
        let (first, states, total) = (context.first(), context.states(), context.sum());
        let part = coder.part(total)?;
        let listed = self.heap.held.states(first, states);
        let [symbol, freq, ..] = *listed.first()?;
        let mut below = u32::from(freq);
        if part < below {
            coder.take(0, below, source);
            self.found = first;
            self.came_first(below, total);
            return Some(Some(symbol));
        }
        for (i, &[symbol, freq, ..]) in listed.iter().enumerate().skip(1) {
            let freq = u32::from(freq);
            below += freq;
            if part < below {
                coder.take(below - freq, freq, source);
                self.visits += i as u64;
                self.came(first, i);
                return Some(Some(symbol));
            }
        }
        self.was_likely = false;
        self.was_high = high(self.heap.symbol(self.found)) != 0;
        coder.take(below, total.checked_sub(below)?, source);
        Some(None)
    }

    /// By a shorter context, where `before` symbols are excluded.
    fn decode_next(
        &mut self,
        coder: &mut impl Parts,
        source: &mut Source<'_>,
        excluded: &Excluded,
        before: u32,
    ) -> Option<Option<u8>> {
        let context = self.heap.at(self.least);
        let (first, states) = (context.first(), context.states());
        let open =
            |&[symbol, freq, ..]: &[u8; STATE as usize]| u32::from(freq & excluded.open(symbol));
        let sum: u32 = self.heap.held.states(first, states).iter().map(open).sum();
        self.visits += u64::from(states);
        let place = self.escape_place(before);
        let total = sum + place.map_or(1, |place| self.estimates.escape(place));
        let part = coder.part(total)?;
        if part >= sum {
            coder.take(sum, total - sum, source);
            if let Some(place) = place {
                self.estimates.escape_came(place, total);
            }
            return Some(None);
        }
        let (mut below, mut freq) = (0, 0);
        let i = self.heap.held.states(first, states).iter().position(|state| {
            freq = open(state);
            below += freq;
            below > part
        })?;
        let at = first + STATE * i as u32;
        coder.take(below - freq, freq, source);
        if let Some(place) = place {
            self.estimates.escape_failed(place);
        }
        let symbol = self.heap.symbol(at);
        self.found = at;
        self.heap.add_sum(self.least, GROWTH.into());
        self.grow_freq(at);
        self.run = self.run_start;
        self.update();
        self.least = self.most;
        Some(Some(symbol))
    }

    /// Which estimate is that of an escape where `before` symbols are excluded; none of all symbols.
    fn escape_place(&self, before: u32) -> Option<usize> {
        let context = self.heap.at(self.least);
        let (states, sum) = (context.states(), context.sum());
        if states == 256 {
            return None;
        }
        let shorter = self.heap.states(context.suffix());
        Some(match self.variant {
            Variant::H => {
                let left = states - before.min(states);
                16 * self.estimates.group(left.saturating_sub(1))
                    + usize::from(left < shorter.wrapping_sub(states))
                    + 2 * usize::from(sum < 11 * states)
                    + 4 * usize::from(before > left)
                    + 8 * usize::from(self.was_high)
            }
            Variant::I => {
                32 * (self.estimates.group(states + 1).saturating_sub(3))
                    + usize::from(sum > 11 * states)
                    + 2 * usize::from(2 * states < shorter + before)
                    + usize::from(self.heap.marks(self.least))
            }
        })
    }

    /// No symbol of the context follows, of how many there are.
    fn exclude(&mut self, excluded: &mut Excluded) -> u32 {
        let (first, states) = (self.heap.first(self.least), self.heap.states(self.least));
        self.heap.held.states(first, states).iter().for_each(|state| excluded.add(state[0]));
        self.visits += u64::from(states);
        states
    }

    /// The first symbol of a context came.
    fn came_first(&mut self, freq: u32, total: u32) {
        self.was_likely = match self.variant {
            Variant::H => 2 * freq > total,
            Variant::I => 2 * freq >= total,
        };
        self.run = self.run.wrapping_add(self.was_likely.into());
        self.heap.add_sum(self.least, GROWTH.into());
        self.grow_freq(self.found);
        self.go_on();
    }

    /// Another symbol of it came: its states begin at `first`.
    fn came(&mut self, first: u32, i: usize) {
        self.was_likely = false;
        self.heap.add_sum(self.least, GROWTH.into());
        self.found = first + STATE * i as u32;
        if let [.., before, came] = self.heap.held.states_mut(first, i as u32 + 1) {
            let freq = came[1].wrapping_add(GROWTH);
            if freq > before[1] {
                std::mem::swap(before, came);
                before[1] = freq;
                self.found -= STATE;
                if freq > FREQ_MAX {
                    self.halve();
                }
            } else {
                came[1] = freq;
            }
        }
        self.go_on();
    }

    fn grow_freq(&mut self, at: u32) {
        let freq = self.heap.freq(at).wrapping_add(GROWTH);
        self.heap.set_freq(at, freq);
        if freq > FREQ_MAX {
            self.halve();
        }
    }

    /// To the context that follows.
    fn go_on(&mut self) {
        let next = self.heap.successor(self.found);
        if self.fallen == 0 && self.heap.is_context(next) {
            self.most = next;
        } else {
            self.update();
        }
        self.least = self.most;
    }
}
