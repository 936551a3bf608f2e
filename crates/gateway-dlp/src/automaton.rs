//! The automaton of one entry: a dense DFA that is entered at every place where a match may begin
//! and run until it is sure. Immutable; the state of a run is one number.

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use crate::plan::{EntryPlan, Preference};
use crate::{BuildError, Limits};

/// Recognises the matches of one entry, from their first byte on.
pub(crate) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    /// The state in which a run begins at the start of the part.
    at_start: State,
    /// The states in which it begins elsewhere, by the byte before.
    after: Box<[State; 256]>,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State(StateID);

/// What a state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// A match may still come.
    Nothing,
    /// A match ends *before* the byte that led here; a further one may come.
    Match,
    /// No match will come.
    Dead,
}

impl Automaton {
    pub(crate) fn new(plan: &EntryPlan, limits: &Limits) -> Result<Self, BuildError> {
        let size_max = Some(limits.automaton_bytes_max);
        let too_large = || BuildError::TooLarge {
            entry: plan.entry.id.to_string(),
            automaton_bytes_max: limits.automaton_bytes_max,
        };
        let nfa = nfa(plan, thompson::Config::new().nfa_size_limit(size_max));
        let nfa = nfa.map_err(|_| too_large())?;
        let match_kind = match plan.preference {
            Preference::First => MatchKind::LeftmostFirst,
            Preference::Longest => MatchKind::All,
        };
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(match_kind)
            .accelerate(false)
            .dfa_size_limit(size_max)
            .determinize_size_limit(size_max);
        let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa);
        // Unicode word boundaries were refused before, so that only the size is left to fail.
        let dfa = dfa.map_err(|_| too_large())?;
        let start = |before| {
            let config = start::Config::new().anchored(Anchored::Yes).look_behind(before);
            dfa.start_state(&config).map(State).map_err(|_| too_large())
        };
        let at_start = start(None)?;
        let mut after = Box::new([at_start; 256]);
        for (byte, state) in (0..=u8::MAX).zip(after.iter_mut()) {
            *state = start(Some(byte))?;
        }
        Ok(Self { dfa, at_start, after })
    }

    /// Where a run begins behind `before`; at the start of the part that is `None`.
    #[inline]
    pub(crate) fn start(&self, before: Option<u8>) -> State {
        match before {
            Some(byte) => self.after[usize::from(byte)],
            None => self.at_start,
        }
    }

    #[inline]
    pub(crate) fn next(&self, state: State, byte: u8) -> State {
        State(self.dfa.next_state(state.0, byte))
    }

    /// The state at the end of the part, which ends every run.
    pub(crate) fn end(&self, state: State) -> State {
        State(self.dfa.next_eoi_state(state.0))
    }

    #[inline]
    pub(crate) fn says(&self, state: State) -> Says {
        if !self.dfa.is_special_state(state.0) {
            Says::Nothing
        } else if self.dfa.is_match_state(state.0) {
            Says::Match
        } else {
            // Accelerated states, start states and quit bytes are not built in.
            Says::Dead
        }
    }

    pub(crate) fn memory_usage(&self) -> usize {
        self.dfa.memory_usage() + size_of_val(&*self.after)
    }
}

/// The NFA of an entry.
pub(crate) fn nfa(plan: &EntryPlan, config: thompson::Config) -> Result<NFA, thompson::BuildError> {
    let config = config.utf8(false).which_captures(WhichCaptures::None);
    thompson::Compiler::new().configure(config).build_from_hir(&plan.hir)
}
