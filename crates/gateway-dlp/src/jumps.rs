//! Jumps: where a preview was some bytes after it was in a state, as far as a pass has found out. Where many
//! places are looked at, most come to the same states, and the bytes between are not looked at again.

use crate::streaks::Key;

/// Bytes of a jump. All begin at multiples of it.
pub(crate) const JUMP: usize = 16;

/// Jumps that are kept.
const SLOTS: usize = 256;

/// Times that one is asked for until any are kept: most passes look at few places. Tests look at short texts.
const KEEP_FROM: u32 = if cfg!(test) { 4 } else { 64 };

/// The jumps that were made last. What is found out is the same without them.
#[derive(Default)]
pub(crate) struct Jumps {
    asked: u32,
    /// None at all until many were asked for.
    slots: Vec<Jump>,
}

/// From a state before the byte at an index to another, [`JUMP`] bytes behind.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Jump {
    of: Key,
    /// The index, and 1: 0 is none.
    from: u32,
    to: u16,
}

impl Jumps {
    /// The state behind the jump from the index `at`, if it is known. All calls are with the same bytes.
    pub(crate) fn to(&mut self, of: Key, at: usize) -> Option<u16> {
        self.asked = self.asked.saturating_add(1);
        let jump = self.slots.get(slot(of, at))?;
        (jump.of == of && jump.from as usize == at + 1).then_some(jump.to)
    }

    /// Keeps a jump.
    pub(crate) fn keep(&mut self, of: Key, at: usize, to: u16) {
        if self.slots.is_empty() && self.asked > KEEP_FROM {
            self.slots = vec![Jump::default(); SLOTS];
        }
        if let (Some(jump), Ok(from)) = (self.slots.get_mut(slot(of, at)), u32::try_from(at + 1)) {
            *jump = Jump { of, from, to };
        }
    }
}

fn slot(Key { entry, state }: Key, at: usize) -> usize {
    let mixed = (entry as usize).wrapping_mul(31) ^ usize::from(state).wrapping_mul(7);
    (mixed ^ (at / JUMP)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_told_once_many_were_asked_for() {
        let (mut jumps, one) = (Jumps::default(), Key { entry: 3, state: 40 });
        for _ in 0..KEEP_FROM {
            assert_eq!(jumps.to(one, 32), None);
            jumps.keep(one, 32, 7);
        }
        assert!(jumps.slots.is_empty() && jumps.to(one, 32).is_none());
        jumps.keep(one, 32, 7);
        let others = [Key { entry: 4, ..one }, Key { state: 41, ..one }];
        assert_eq!(jumps.to(one, 32), Some(7));
        assert!(others.into_iter().all(|other| jumps.to(other, 32).is_none()));
        // One that falls into the same slot takes its place.
        jumps.keep(one, 32 + JUMP * SLOTS, 9);
        assert_eq!([32, 32 + JUMP * SLOTS].map(|at| jumps.to(one, at)), [None, Some(9)]);
        jumps.keep(Key::default(), 0, 0);
        assert_eq!((jumps.to(Key::default(), 0), jumps.to(Key::default(), JUMP)), (Some(0), None));
    }
}
