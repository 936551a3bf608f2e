//! What runs the program of an entry from a place on: an automaton, or where that would be large, the
//! machine behind a preview.

use crate::automaton::{Automaton, Room};
use crate::machine::{Flow, Machine, Reel, Thread};
use crate::plan::Preference;
use crate::preview::Preview;
use crate::program::Program;

/// What runs a program.
pub(crate) enum Runner {
    Automaton(Automaton),
    /// The machine, where the preview does not say that there is nothing.
    Machine(Preview),
}

impl Runner {
    pub(crate) fn new(program: &Program, preference: Preference, room: &mut Room) -> Self {
        match Automaton::new(program, preference, room) {
            Some(automaton) => Self::Automaton(automaton),
            None => Self::Machine(Preview::new(program)),
        }
    }

    /// How many of `bytes`, which stand behind `before`, it takes until nothing is matched that
    /// begins like this; `None` if something may be.
    pub(crate) fn rejects(&self, before: Option<u8>, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Automaton(automaton) => automaton.rejects(before, bytes),
            Self::Machine(preview) => preview.rejects(bytes),
        }
    }

    /// Runs `program` over a reel from an index on: from its beginning, or where `threads` were. Ways
    /// that stay open are put into `open`, the ends of matches are given to `matched`.
    pub(crate) fn run(
        &self,
        machine: &mut Machine,
        program: &Program,
        (reel, at): (Reel<'_>, usize),
        threads: &[Thread],
        open: &mut Vec<Thread>,
        matched: impl FnMut(usize) -> Flow,
    ) {
        match self {
            Self::Automaton(automaton) => automaton.run(reel, at, threads, open, matched),
            Self::Machine(_) => machine.run(program, reel, at, threads, open, matched),
        }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        match self {
            Self::Automaton(automaton) => automaton.memory_usage(),
            Self::Machine(preview) => preview.memory_usage(),
        }
    }
}
