//! What variant I does once its memory is full: the change that there is no room for is taken back; then the model
//! begins anew, or the longest and rarest contexts go.

use super::context::{AFTER_HIGH, HALVED, high};
use super::heap::STATE;
use super::model::{Model, Restoration};

/// Contexts of one symbol up to that length stay though nothing follows.
const BARE_MAX: u32 = 9;

impl Model {
    /// Makes room; `done` is the first of the contexts from the longest on that did not get the last symbol yet.
    pub(super) fn make_room(&mut self, done: u32) {
        self.heap.clear_text();
        let mut context = self.most;
        while context != done {
            let states = self.heap.states(context) - 1;
            if states == 1 {
                self.leave_one(context);
            } else {
                self.heap.set_states(context, states);
                self.recount(context, (states + 2) / 2, 0);
            }
            context = self.heap.suffix(context);
        }
        while context != self.least {
            let states = self.heap.states(context);
            if states == 1 {
                let at = self.heap.first(context);
                let freq = self.heap.freq(at);
                self.heap.set_freq(at, freq - (freq >> 1));
            } else {
                self.heap.add_sum(context, 4);
                if self.heap.sum(context) > 128 + 4 * (states - 1) {
                    self.recount(context, states.div_ceil(2), 1);
                }
            }
            context = self.heap.suffix(context);
        }
        let is_spoilt = self.heap.used() < self.heap.size() >> 1;
        if self.restoration == Restoration::Restart || is_spoilt {
            return self.restart();
        }
        loop {
            let suffix = self.heap.suffix(self.most);
            if suffix == 0 {
                break;
            }
            self.most = suffix;
        }
        // Each time the longest contexts are shorter.
        for _ in 0..=self.order_max + 1 {
            self.cut(self.most, 0);
            self.heap.widen_text();
            if self.heap.used() <= 3 * (self.heap.size() >> 2) {
                self.heap.join_soon();
                self.fallen = self.order_max;
                return;
            }
        }
        // The memory is hardly more than the first context takes.
        self.restart();
    }

    /// Makes the first of the states of a context its only one, in one unit.
    fn leave_one(&mut self, context: u32) {
        let first = self.heap.first(context);
        self.keep_one(context);
        self.heap.release_unit(first);
    }

    fn keep_one(&mut self, context: u32) {
        let heap = &mut self.heap;
        let mut state = heap.state(heap.first(context));
        heap.set_marks(context, heap.marks(context) & AFTER_HIGH | high(state.symbol));
        heap.set_states(context, 1);
        state.freq = ((u32::from(state.freq) + 11) >> 3) as u8;
        heap.set_state(context + 2, state);
    }

    /// Counts anew what there is in a context, whose states had `units`, by `scale` bits less.
    fn recount(&mut self, context: u32, units: u32, scale: u8) {
        let heap = &mut self.heap;
        let states = heap.states(context);
        let first = heap.shrink(heap.first(context), units, states.div_ceil(2));
        heap.set_first(context, first);
        let mut marks = heap.marks(context) & (AFTER_HIGH + HALVED * scale);
        let mut escapes = heap.sum(context);
        let mut sum = 0;
        let scaled = |count: u32| (count + u32::from(scale)) >> scale;
        for i in 0..states {
            let at = first + STATE * i;
            let freq = u32::from(heap.freq(at));
            escapes = escapes.wrapping_sub(freq);
            heap.set_freq(at, scaled(freq) as u8);
            sum += scaled(freq);
            marks |= high(heap.symbol(at));
        }
        heap.set_sum(context, sum.wrapping_add(escapes.wrapping_add(scale.into()) >> scale));
        heap.set_marks(context, marks);
        self.visits += u64::from(states);
    }

    /// Cuts what follows a context of that length: the context, or 0 if it is gone itself.
    fn cut(&mut self, context: u32, length: u32) -> u32 {
        let states = self.heap.states(context);
        self.visits += u64::from(states);
        if states == 1 {
            let at = self.heap.first(context);
            if self.heap.is_context(self.heap.successor(at)) {
                let next = self.cut_next(at, length);
                self.heap.set_successor(at, next);
                if next != 0 || length <= BARE_MAX {
                    return context;
                }
            }
            self.heap.release_unit(context);
            return 0;
        }
        let units = states.div_ceil(2);
        let first = self.heap.move_up(self.heap.first(context), units);
        self.heap.set_first(context, first);
        // Those that go on nowhere come last.
        let mut left = states;
        for i in (0..states).rev() {
            let at = first + STATE * i;
            if self.heap.is_context(self.heap.successor(at)) {
                let next = self.cut_next(at, length);
                self.heap.set_successor(at, next);
            } else {
                left -= 1;
                self.heap.set_successor(at, 0);
                self.heap.swap(at, first + STATE * left);
            }
        }
        if left == states || length == 0 {
            return context;
        }
        match left {
            0 => {
                self.heap.release(first, units);
                self.heap.release_unit(context);
                return 0;
            }
            1 => {
                self.keep_one(context);
                self.heap.release(first, units);
            }
            _ => {
                self.heap.set_states(context, left);
                let scale = u8::from(self.heap.sum(context) > 16 * (left - 1));
                self.recount(context, units, scale);
            }
        }
        context
    }

    /// The same of the context that a state goes on with.
    fn cut_next(&mut self, state: u32, length: u32) -> u32 {
        if length < self.order_max { self.cut(self.heap.successor(state), length + 1) } else { 0 }
    }
}
