//! What runs the program of an entry from a place on: an automaton, or where that would be large, the
//! machine behind a preview.

use std::ops::Range;

use crate::automaton::{Automaton, Room};
use crate::machine::{Flow, Machine, Thread};
use crate::plan::Preference;
use crate::preview::{BYTES_MAX, Preview};
use crate::program::Program;
use crate::reel::Reel;
use crate::streaks::Streaks;

/// Bytes by which most places are rejected: the preview of an automaton is not worth asking before.
const FEW: usize = 8;

/// What runs a program.
pub(crate) enum Runner {
    /// The preview counts next to nothing: it tells of places in long runs that a bound rejects them.
    Automaton(Automaton, Option<Preview>),
    /// The machine, where the preview does not say that there is nothing.
    Machine(Preview),
}

impl Runner {
    pub(crate) fn new(program: &Program, preference: Preference, room: &mut Room) -> Self {
        match Automaton::new(program, preference, room) {
            Some(automaton) => Self::Automaton(automaton, Preview::of_bounds(program)),
            None => Self::Machine(Preview::new(program)),
        }
    }

    /// How many of `bytes` from the index `at` on it takes until nothing is matched that begins like this;
    /// `None` if something may be. Whether it takes more than `delay` bytes is of interest, but not how
    /// many more. `streaks` are those of these bytes, by states of `entry`.
    pub(crate) fn rejects(
        &self,
        bytes: &[u8],
        at: usize,
        delay: usize,
        (entry, streaks): (u32, &mut Streaks),
    ) -> Option<usize> {
        match self {
            Self::Automaton(automaton, None) => {
                let (before, rest) = bytes.split_at_checked(at)?;
                automaton.rejects(before.last().copied(), rest)
            }
            Self::Automaton(automaton, Some(preview)) => {
                rejects_long(automaton, preview, bytes, at, delay, (entry, streaks))
            }
            Self::Machine(preview) => preview.rejects(bytes, at, (entry, streaks)),
        }
    }

    /// Whether nothing is matched any more that begins like `bytes` from the first of `places` on, as far as this
    /// is told sooner than by running on from their end, up to which it was open.
    pub(crate) fn gives_up(
        &self,
        bytes: &[u8],
        places: Range<usize>,
        (entry, streaks): (u32, &mut Streaks),
    ) -> bool {
        match self {
            Self::Machine(preview) if places.len() <= BYTES_MAX => {
                preview.rejects(bytes, places.start, (entry, streaks)).is_some()
            }
            // To run on takes no longer.
            Self::Machine(_) | Self::Automaton(..) => false,
        }
    }

    /// Runs `program`, that of `entry`, over a reel from an index on: from its beginning, or where `threads` were. Ways
    /// that stay open are put into `open`, the ends of matches are given to `matched`.
    pub(crate) fn run(
        &self,
        machine: &mut Machine,
        (entry, program): (u32, &Program),
        (reel, at): (Reel<'_>, usize),
        threads: &[Thread],
        open: &mut Vec<Thread>,
        matched: impl FnMut(usize) -> Flow,
    ) {
        match self {
            Self::Automaton(automaton, _) => automaton.run(reel, at, threads, open, matched),
            Self::Machine(_) => machine.run((entry, program), (reel, at), threads, open, matched),
        }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        match self {
            Self::Automaton(automaton, preview) => {
                automaton.memory_usage() + preview.as_ref().map_or(0, Preview::memory_usage)
            }
            Self::Machine(preview) => preview.memory_usage(),
        }
    }
}

/// See [`Runner::rejects`]: first by the automaton, which rejects most places at once.
#[inline(never)]
fn rejects_long(
    automaton: &Automaton,
    preview: &Preview,
    bytes: &[u8],
    at: usize,
    delay: usize,
    (entry, streaks): (u32, &mut Streaks),
) -> Option<usize> {
    let (before, rest) = bytes.split_at_checked(at)?;
    let (before, few) = (before.last().copied(), delay.max(FEW));
    let rejects = |bytes| automaton.rejects(before, bytes);
    // What is rejected by more than it takes to be ripe is so by any number.
    let farther = || {
        let taken = preview.rejects_within(bytes, at, (entry, streaks))?;
        Some(taken.max(few + 1))
    };
    match rest.get(..few) {
        Some(first) => rejects(first).or_else(farther).or_else(|| rejects(rest)),
        None => rejects(rest),
    }
}
