//! Runs of bytes, as far as a pass has looked at them: where many places lie in one, its end is looked
//! for once. It lives as long as the pass does; what is found out is the same without it.

use std::ops::Range;

use crate::jumps::Jumps;

/// What runs are told apart by at once.
const SETS: usize = 4;
/// Runs of each: a piece is walked over in parts, and places come up in each by turns.
const WAYS: usize = 4;

/// The runs that were looked at last, by what they are runs of.
#[derive(Default)]
pub(crate) struct Streaks {
    /// None at all until one is asked for.
    streaks: Vec<[Streak; WAYS]>,
    /// Which one is forgotten next.
    turn: usize,
    /// What else is known of these bytes.
    pub(crate) jumps: Jumps,
}

/// What runs are runs of: a state of what an entry, by index, begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) entry: u32,
    pub(crate) state: u16,
}

impl Key {
    /// Where its runs are kept.
    const fn set(self) -> usize {
        (self.entry as usize ^ self.state as usize) % SETS
    }
}

/// Bytes that belong to a run, by index; it may have more on both sides.
#[derive(Clone, Copy, Default)]
struct Streak {
    of: Key,
    from: u32,
    to: u32,
}

impl Streak {
    /// Whether it reaches to the byte at this index, or the next one would.
    fn reaches(&self, of: Key, at: u32) -> bool {
        self.of == of && self.from <= at && at <= self.to
    }
}

impl Streaks {
    /// Whether the byte at the index `at` is in a run that is known, or may be the next one.
    pub(crate) fn reaches(&self, of: Key, at: usize) -> bool {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.streaks.get(of.set()).is_some_and(|ways| ways.iter().any(|way| way.reaches(of, at)))
    }

    /// Where the run of `bytes` that `is_one` has, and that begins at the first of `places` or before,
    /// ends, if that is among them, or else their end. All calls are with the same bytes, however many.
    pub(crate) fn end(
        &mut self,
        of: Key,
        bytes: &[u8],
        places: Range<usize>,
        is_one: impl Fn(u8) -> bool,
    ) -> usize {
        let set = of.set();
        let (Some(first), Ok(at)) = (bytes.get(places.start), u32::try_from(places.start)) else {
            return places.start;
        };
        // What is no run is not worth that another is forgotten.
        if !is_one(*first) {
            return places.start;
        }
        if self.streaks.is_empty() {
            self.streaks = vec![[Streak::default(); WAYS]; SETS];
        }
        let Some(ways) = self.streaks.get_mut(set) else { return places.start };
        let way = ways.iter().position(|streak| streak.reaches(of, at)).unwrap_or_else(|| {
            self.turn = (self.turn + 1) % WAYS;
            ways[self.turn] = Streak { of, from: at, to: at };
            self.turn
        });
        let streak = &mut ways[way];
        let until = places.end.min(bytes.len());
        let rest = bytes.get(streak.to as usize..until).unwrap_or_default();
        let more = rest.iter().position(|byte| !is_one(*byte)).unwrap_or(rest.len());
        streak.to += u32::try_from(more).unwrap_or(0);
        until.min(streak.to as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_run_ends_where_a_slow_search_says(
            bytes in "[ab]{0,60}",
            asked in prop::collection::vec((0_u32..3, 0_usize..70, 0_usize..40), 0..30),
        ) {
            let bytes = bytes.as_bytes();
            let mut streaks = Streaks::default();
            for (entry, from, len) in asked {
                let is_one = |byte: u8| byte == b'a' || entry == 2;
                let of = Key { entry: 8 * entry, state: 0 };
                let slow = (from..from + len).find(|at| bytes.get(*at).is_none_or(|byte| !is_one(*byte)));
                let end = streaks.end(of, bytes, from..from + len, is_one);
                prop_assert_eq!(end, slow.unwrap_or(from + len));
            }
        }
    }
}
