//! What a symbol changes in the model: counts, and contexts of it that there were not.

use super::Variant;
use super::context::{AFTER_HIGH, HALVED, high};
use super::heap::{STATE, State};
use super::model::{FREQ_MAX, Model};

/// Contexts that one symbol may add, at the most.
const ADDED_MAX: usize = 64 + 1;

/// A symbol with what tells how much it counts in contexts that get it.
#[derive(Clone, Copy)]
struct Came {
    symbol: u8,
    freq: u32,
    /// States of the context that told it, and what the others and escapes count for there.
    states: u32,
    others: u32,
}

impl Model {
    /// Takes note of the symbol found.
    pub(super) fn update(&mut self) {
        let State { symbol, freq, successor: mut next } = self.heap.state(self.found);
        let shorter = if freq < FREQ_MAX / 4 { self.count_in_suffix(symbol) } else { None };
        let longest = self.most;
        let is_new = next == 0;
        if self.fallen == 0 && (self.variant == Variant::H || !is_new) {
            match self.add_contexts(None, shorter, self.least) {
                Some(context) => {
                    self.heap.set_successor(self.found, context);
                    self.most = context;
                }
                None => {
                    self.heap.set_successor(self.found, 0);
                    self.restore(longest);
                }
            }
            return;
        }
        if !self.heap.push_text(symbol) {
            return self.restore(longest);
        }
        // Where the text goes on, until there is a context of it.
        let mut successor = self.heap.text;
        let following = match self.variant {
            Variant::H if is_new => {
                self.heap.set_successor(self.found, successor);
                Some(self.least)
            }
            Variant::I if is_new => self.fall(shorter, self.least),
            _ if self.heap.is_context(next) => Some(next),
            _ => self.add_contexts(Some(self.found), shorter, self.least),
        };
        let Some(following) = following else { return self.restore(longest) };
        next = following;
        if self.variant == Variant::I || !is_new {
            self.fallen = self.fallen.wrapping_sub(1);
            if self.fallen == 0 {
                successor = next;
                if self.most != self.least {
                    self.heap.text -= 1;
                }
            }
        }
        let states = self.heap.states(self.least);
        let others = self.heap.sum(self.least).wrapping_sub(states - 1 + u32::from(freq));
        let came = Came { symbol, freq: freq.into(), states, others };
        let mut context = longest;
        while context != self.least {
            if self.add_state(context, came, successor).is_none() {
                return self.restore(context);
            }
            context = self.heap.suffix(context);
        }
        (self.most, self.least) = (next, next);
    }

    /// The memory is full, at `context` of those that get the symbol.
    fn restore(&mut self, context: u32) {
        match self.variant {
            Variant::H => self.restart(),
            Variant::I => self.make_room(context),
        }
    }

    /// Counts `symbol` in the context shorter by one, if there is one: its state there.
    fn count_in_suffix(&mut self, symbol: u8) -> Option<u32> {
        let context = self.heap.suffix(self.least);
        if context == 0 {
            return None;
        }
        let shorter = self.heap.at(context);
        let (first, states) = (shorter.first(), shorter.states());
        if states == 1 {
            let freq = self.heap.freq(first);
            self.heap.set_freq(first, freq + u8::from(freq < 32));
            return Some(first);
        }
        let mut i = self.heap.place_of(first, states, symbol);
        let mut is_counted = false;
        if let [rest @ .., state] = self.heap.held.states_mut(first, i + 1) {
            is_counted = state[1] < FREQ_MAX - 9;
            let freq = if is_counted { state[1] + 2 } else { state[1] };
            match rest {
                [.., before] if state[1] >= before[1] => {
                    i -= 1;
                    std::mem::swap(before, state);
                    before[1] = freq;
                }
                _ => state[1] = freq,
            }
        }
        if is_counted {
            self.heap.add_sum(context, 2);
        }
        Some(first + STATE * i)
    }

    /// Adds the contexts of what came, from the shortest that there is not to the longest, which is told: for
    /// `found`, if it is given, and the states of the same symbol in the contexts shorter than `context`;
    /// `shorter` is the first of these, if it is known. `None` when there is no room.
    pub(super) fn add_contexts(
        &mut self,
        found: Option<u32>,
        mut shorter: Option<u32>,
        mut context: u32,
    ) -> Option<u32> {
        let State { symbol, successor: branch, .. } = self.heap.state(self.found);
        let mut without: Vec<u32> = found.into_iter().collect();
        loop {
            let suffix = self.heap.suffix(context);
            if suffix == 0 || without.len() >= ADDED_MAX {
                break;
            }
            context = suffix;
            let at = match shorter.take() {
                Some(at) => at,
                None => self.count_again(context, symbol),
            };
            let successor = self.heap.successor(at);
            if successor != branch {
                context = successor;
                break;
            }
            without.push(at);
        }
        if without.is_empty() {
            return Some(context);
        }
        let state = State { symbol: self.heap.held.text(branch), freq: 0, successor: branch + 1 };
        let state = State { freq: self.first_freq(context, state.symbol), ..state };
        let marks = match self.variant {
            Variant::H => 0,
            Variant::I if high(symbol) != 0 => AFTER_HIGH | high(state.symbol),
            Variant::I => high(state.symbol),
        };
        for at in without.into_iter().rev() {
            let added = self.heap.context()?;
            self.heap.set_states(added, 1);
            self.heap.set_marks(added, marks);
            self.heap.set_state(added + 2, state);
            self.heap.set_suffix(added, context);
            self.heap.set_successor(at, added);
            context = added;
        }
        Some(context)
    }

    /// The state of `symbol` in `context`; variant I counts it.
    fn count_again(&mut self, context: u32, symbol: u8) -> u32 {
        let at = self.heap.find(context, symbol);
        if self.variant == Variant::H {
            return at;
        }
        let freq = self.heap.freq(at);
        if self.heap.states(context) > 1 {
            if freq < FREQ_MAX - 9 {
                self.heap.set_freq(at, freq + 1);
                self.heap.add_sum(context, 1);
            }
        } else if freq < 24 && self.heap.states(self.heap.suffix(context)) == 1 {
            self.heap.set_freq(at, freq + 1);
        }
        at
    }

    /// What `symbol` counts for in a context that has it alone, by `context`, which is shorter.
    fn first_freq(&mut self, context: u32, symbol: u8) -> u8 {
        let at = self.heap.find(context, symbol);
        let (freq, states) = (self.heap.freq(at), self.heap.states(context));
        if states == 1 {
            return freq;
        }
        let count = u32::from(freq).saturating_sub(1);
        let states = states - u32::from(self.variant == Variant::I);
        let others = self.heap.sum(context).saturating_sub(states + count);
        let more = if 2 * count <= others {
            u32::from(5 * count > others)
        } else {
            match self.variant {
                Variant::H => (2 * count + 3 * others).saturating_sub(1).checked_div(2 * others),
                Variant::I => (count + 2 * others).saturating_sub(3).checked_div(others),
            }
            .unwrap_or(0)
        };
        (1 + more) as u8
    }

    /// Makes the states of `symbol` go on in the text, in the context that told it and those shorter, up to one
    /// that goes on already: with what it goes on, in variant I.
    fn fall(&mut self, mut shorter: Option<u32>, mut context: u32) -> Option<u32> {
        let (found, text) = (self.found, self.heap.text);
        let symbol = self.heap.symbol(found);
        let told = context;
        self.heap.set_successor(found, text);
        self.fallen += 1;
        let at = loop {
            let suffix = self.heap.suffix(context);
            if suffix == 0 {
                return Some(context);
            }
            context = suffix;
            let at = match shorter.take() {
                Some(at) => at,
                None => self.count_more(context, symbol),
            };
            if self.heap.successor(at) != 0 {
                break at;
            }
            self.heap.set_successor(at, text);
            self.fallen += 1;
        };
        if !self.heap.is_context(self.heap.successor(at)) {
            self.found = at;
            let added = self.add_contexts(Some(at), None, context);
            self.heap.set_successor(at, added.unwrap_or(0));
            self.found = found;
        }
        let next = self.heap.successor(at);
        if self.fallen == 1 && told == self.most {
            self.heap.set_successor(found, next);
            self.heap.text -= 1;
        }
        Some(next).filter(|next| *next != 0)
    }

    /// Counts `symbol` in `context`: its state.
    fn count_more(&mut self, context: u32, symbol: u8) -> u32 {
        let at = self.heap.find(context, symbol);
        let freq = self.heap.freq(at);
        if self.heap.states(context) == 1 {
            self.heap.set_freq(at, freq + u8::from(freq < 32));
        } else if freq < FREQ_MAX - 9 {
            self.heap.set_freq(at, freq + 2);
            self.heap.add_sum(context, 2);
        }
        at
    }

    /// Adds the symbol that came to a context that did not have it. `None` when there is no room.
    fn add_state(&mut self, context: u32, came: Came, successor: u32) -> Option<()> {
        let heap = &mut self.heap;
        let states = heap.states(context);
        let first = if states == 1 {
            let (first, mut state) = (heap.block(1)?, heap.state(context + 2));
            let freq = state.freq;
            state.freq = if freq < FREQ_MAX / 4 - 1 { freq << 1 } else { FREQ_MAX - 4 };
            heap.set_state(first, state);
            let escapes = u32::from(self.escape_start) + u32::from(came.states > 3);
            heap.set_sum(context, u32::from(state.freq) + escapes);
            first
        } else {
            let mut first = heap.first(context);
            if states.is_multiple_of(2) {
                first = heap.grow(first, states / 2)?;
            }
            let sum = heap.sum(context);
            let more = match self.variant {
                Variant::H => {
                    let is_small = 4 * states <= came.states && sum <= 8 * states;
                    u32::from(2 * states < came.states) + 2 * u32::from(is_small)
                }
                Variant::I => u32::from(3 * (states - 1) + 1 < came.states - 1),
            };
            heap.add_sum(context, more);
            first
        };
        let sum = heap.sum(context);
        let (count, total) = (2 * came.freq * (sum + 6), came.others.wrapping_add(sum));
        let (freq, more) = weight(self.variant, count, total);
        heap.set_sum(context, sum + more);
        heap.set_first(context, first);
        heap.set_states(context, states + 1);
        let state = State { symbol: came.symbol, freq, successor };
        heap.set_state(first + STATE * states, state);
        if self.variant == Variant::I {
            heap.set_marks(context, heap.marks(context) | high(came.symbol));
        }
        Some(())
    }

    /// Halves the counts of a context, and puts the most frequent first.
    pub(super) fn halve(&mut self) {
        let (context, heap) = (self.least, &mut self.heap);
        let (first, states) = (heap.first(context), heap.states(context));
        let at = |i: u32| first + STATE * i;
        // The symbol found comes first, whatever it counts.
        let found = heap.state(self.found);
        let place = self.found.saturating_sub(first) / STATE;
        (1..=place).rev().for_each(|i| heap.set_state(at(i), heap.state(at(i - 1))));
        heap.set_state(at(0), found);
        let mut escapes = heap.sum(context).wrapping_sub(found.freq.into());
        let more = u8::from(self.fallen != 0);
        let halved = |freq: u8| ((u16::from(freq) + u16::from(more)) >> 1) as u8;
        let freq = halved(found.freq.wrapping_add(4));
        heap.set_freq(first, freq);
        let mut sum = u32::from(freq);
        for i in 1..states {
            let mut state = heap.state(at(i));
            escapes = escapes.wrapping_sub(state.freq.into());
            state.freq = halved(state.freq);
            sum += u32::from(state.freq);
            let before = (0..i).rev().take_while(|j| heap.freq(at(*j)) < state.freq);
            let to = i - before.count() as u32;
            (to + 1..=i).rev().for_each(|j| heap.set_state(at(j), heap.state(at(j - 1))));
            heap.set_state(at(to), state);
            self.visits += u64::from(i - to);
        }
        self.visits += u64::from(states);
        let gone = (1..states).rev().take_while(|i| heap.freq(at(*i)) == 0).count() as u32;
        escapes = escapes.wrapping_add(gone);
        let left = states - gone;
        let mut first = first;
        if left == 1 {
            let mut state = heap.state(first);
            state.freq = alone(self.variant, state.freq, escapes);
            heap.release(first, states.div_ceil(2));
            heap.set_states(context, 1);
            let marks = heap.marks(context) & AFTER_HIGH | high(state.symbol);
            heap.set_marks(context, if self.variant == Variant::I { marks } else { 0 });
            heap.set_state(context + 2, state);
            self.found = context + 2;
            return;
        }
        if gone > 0 {
            heap.set_states(context, left);
            first = heap.shrink(first, states.div_ceil(2), left.div_ceil(2));
            heap.set_first(context, first);
        }
        heap.set_sum(context, sum.wrapping_add(escapes).wrapping_sub(escapes >> 1));
        if self.variant == Variant::I {
            heap.set_marks(context, heap.marks(context) | HALVED);
        }
        self.found = first;
    }
}

/// What a symbol counts for in a context that gets it, and what its sum grows by.
fn weight(variant: Variant, count: u32, total: u32) -> (u8, u32) {
    let above = |factor: u32| u32::from(count > factor.wrapping_mul(total));
    let from = |factor: u32| u32::from(count >= factor.wrapping_mul(total));
    if count < 6u32.wrapping_mul(total) {
        let more = match variant {
            Variant::H => 3,
            Variant::I => 4,
        };
        return ((1 + above(1) + from(4)) as u8, more);
    }
    let freq = match variant {
        Variant::H => 4 + from(9) + from(12) + from(15),
        Variant::I => 4 + above(9) + above(12) + above(15),
    };
    (freq as u8, freq)
}

/// What the last symbol of a context counts for that is left of its symbols.
fn alone(variant: Variant, freq: u8, mut escapes: u32) -> u8 {
    match variant {
        Variant::H => {
            let mut freq = freq;
            loop {
                freq -= freq >> 1;
                escapes >>= 1;
                if escapes <= 1 {
                    return freq;
                }
            }
        }
        Variant::I => {
            let freq = (2 * u32::from(freq) + escapes).saturating_sub(1).checked_div(escapes);
            freq.unwrap_or(0).min(u32::from(FREQ_MAX / 3)) as u8
        }
    }
}
