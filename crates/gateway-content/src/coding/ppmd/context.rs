//! Contexts and what may follow in them, as they stand in the memory of a model: how many symbols, marks, the sum of
//! how often, where these stand and the shorter context; of a single symbol the state itself instead of the sum.

use super::heap::{Heap, STATE, State};
use super::held::UNIT_BYTES;

/// What a context of one symbol is told by: the last symbol before it was a high one.
pub(super) const AFTER_HIGH: u8 = 0x10;
/// One of its symbols is a high one.
pub(super) const HAS_HIGH: u8 = 0x08;
/// Its counts were halved.
pub(super) const HALVED: u8 = 0x04;
/// The least of the high symbols.
const HIGH: u8 = 0x40;

/// [`HAS_HIGH`] for a high symbol.
pub(super) const fn high(symbol: u8) -> u8 {
    if symbol >= HIGH { HAS_HIGH } else { 0 }
}

/// What stands in the unit of a context.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    at: u32,
    unit: &'a [u8; UNIT_BYTES],
}

impl Context<'_> {
    /// How many symbols may follow, 1 to 256.
    pub(super) const fn states(&self) -> u32 {
        self.unit[0] as u32 + 1
    }

    pub(super) const fn sum(&self) -> u32 {
        u16::from_le_bytes([self.unit[2], self.unit[3]]) as u32
    }

    /// Where the states stand.
    pub(super) const fn first(&self) -> u32 {
        let [.., a, b, c, d, _, _, _, _] = *self.unit;
        if self.states() == 1 { self.at + 2 } else { u32::from_le_bytes([a, b, c, d]) }
    }

    /// The context that is shorter by one; 0 for none.
    pub(super) const fn suffix(&self) -> u32 {
        let [.., a, b, c, d] = *self.unit;
        u32::from_le_bytes([a, b, c, d])
    }
}

impl Heap {
    /// The context there.
    pub(super) fn at(&self, at: u32) -> Context<'_> {
        Context { at, unit: self.held.unit(at) }
    }

    /// Whether what a state goes on with is a context, and not a place in the text.
    pub(super) const fn is_context(&self, at: u32) -> bool {
        at >= self.units_start
    }

    /// How many symbols may follow, 1 to 256.
    pub(super) fn states(&self, context: u32) -> u32 {
        u32::from(self.held.byte(context)) + 1
    }

    pub(super) fn set_states(&mut self, context: u32, states: u32) {
        self.held.set_byte(context, states.wrapping_sub(1) as u8);
    }

    pub(super) fn marks(&self, context: u32) -> u8 {
        self.held.byte(context + 1)
    }

    pub(super) fn set_marks(&mut self, context: u32, marks: u8) {
        self.held.set_byte(context + 1, marks);
    }

    pub(super) fn sum(&self, context: u32) -> u32 {
        u16::from_le_bytes(self.held.read(context + 2)).into()
    }

    /// Sums count modulo 2^16.
    pub(super) fn set_sum(&mut self, context: u32, sum: u32) {
        self.held.write(context + 2, (sum as u16).to_le_bytes());
    }

    pub(super) fn add_sum(&mut self, context: u32, more: u32) {
        self.set_sum(context, self.sum(context) + more);
    }

    /// Where the states stand.
    pub(super) fn first(&self, context: u32) -> u32 {
        self.at(context).first()
    }

    pub(super) fn set_first(&mut self, context: u32, first: u32) {
        self.held.set_number(context + 4, first);
    }

    /// The context that is shorter by one; 0 for none.
    pub(super) fn suffix(&self, context: u32) -> u32 {
        self.held.number(context + 8)
    }

    pub(super) fn set_suffix(&mut self, context: u32, suffix: u32) {
        self.held.set_number(context + 8, suffix);
    }

    pub(super) fn state(&self, at: u32) -> State {
        // By its numbers, as they are written: what was just written in parts is slow to read at once.
        let [symbol, freq] = self.held.read(at);
        State { symbol, freq, successor: self.held.number(at + 2) }
    }

    pub(super) fn set_state(&mut self, at: u32, state: State) {
        self.held.write(at, [state.symbol, state.freq]);
        self.held.set_number(at + 2, state.successor);
    }

    pub(super) fn symbol(&self, state: u32) -> u8 {
        self.held.byte(state)
    }

    pub(super) fn freq(&self, state: u32) -> u8 {
        self.held.byte(state + 1)
    }

    pub(super) fn set_freq(&mut self, state: u32, freq: u8) {
        self.held.set_byte(state + 1, freq);
    }

    pub(super) fn successor(&self, state: u32) -> u32 {
        self.held.number(state + 2)
    }

    pub(super) fn set_successor(&mut self, state: u32, successor: u32) {
        self.held.set_number(state + 2, successor);
    }

    pub(super) fn swap(&mut self, one: u32, other: u32) {
        let [a, b] = [one, other].map(|at| self.state(at));
        self.set_state(one, b);
        self.set_state(other, a);
    }

    /// The state of `symbol` in `context`, which has one.
    pub(super) fn find(&mut self, context: u32, symbol: u8) -> u32 {
        let (first, states) = (self.at(context).first(), self.states(context));
        let i = self.place_of(first, states, symbol);
        first + STATE * i
    }

    /// Which of the states is that of `symbol`: the last one if none before is.
    pub(super) fn place_of(&mut self, first: u32, states: u32, symbol: u8) -> u32 {
        let last = states - 1;
        let states = self.held.states(first, last);
        let at = states.iter().position(|state| state[0] == symbol).map_or(last, |at| at as u32);
        self.visits += u64::from(at);
        at
    }
}
