//! How the pattern of an entry becomes its automaton.
//!
//! regex-automata builds a dense DFA, anchored at the start; it is then rewritten into a smaller
//! table that says more. The DFA reports a match one byte late, and a state of it does not tell
//! whether anything can follow. Here, a state from which no match is in reach is dead, one that
//! has all that will come is over, and one from which every way leads to the same match and no
//! further says so before the next byte is there.

use std::collections::BTreeMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use crate::automaton::{Automaton, State};
use crate::plan::{EntryPlan, Preference};
use crate::{BuildError, Limits};

/// The automaton of `plan`.
pub(crate) fn compile(plan: &EntryPlan, limits: &Limits) -> Result<Automaton, BuildError> {
    let too_large = || BuildError::TooLarge {
        entry: plan.entry.id.to_string(),
        automaton_bytes_max: limits.automaton_bytes_max,
    };
    // Unicode word boundaries were refused before, so that only the size is left to fail.
    let dfa = dense(plan, limits.automaton_bytes_max).ok_or_else(too_large)?;
    Graph::new(&dfa).and_then(Graph::into_automaton).ok_or_else(too_large)
}

fn dense(plan: &EntryPlan, bytes_max: usize) -> Option<dense::DFA<Vec<u32>>> {
    let config = thompson::Config::new()
        .utf8(false)
        .which_captures(WhichCaptures::None)
        .nfa_size_limit(Some(bytes_max));
    let nfa = thompson::Compiler::new().configure(config).build_from_hir(&plan.hir).ok()?;
    let match_kind = match plan.preference {
        Preference::First => MatchKind::LeftmostFirst,
        Preference::Longest => MatchKind::All,
    };
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(match_kind)
        .accelerate(false)
        .dfa_size_limit(Some(bytes_max))
        .determinize_size_limit(Some(bytes_max));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()
}

/// The states of a DFA that can be reached, numbered in the order in which they are met.
struct Graph {
    /// The class of each byte.
    classes: Box<[u8; 256]>,
    nodes: Vec<Node>,
    at_start: usize,
    after: Vec<usize>,
}

/// One state of the DFA.
struct Node {
    is_match: bool,
    /// Whether a match is in reach, or here.
    is_useful: bool,
    /// The next states by class, and at the end of the part.
    next: Vec<usize>,
}

impl Graph {
    fn new(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let mut classes = Box::new([0; 256]);
        let mut members: Vec<u8> = Vec::new();
        for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
            *class = dfa.byte_classes().get(byte);
            if usize::from(*class) == members.len() {
                members.push(byte);
            }
        }
        let mut ids = Ids::default();
        let mut start = |before| {
            let config = start::Config::new().anchored(Anchored::Yes).look_behind(before);
            dfa.start_state(&config).ok().map(|id| ids.index(id))
        };
        let at_start = start(None)?;
        let after = (0..=u8::MAX).map(|byte| start(Some(byte))).collect::<Option<_>>()?;
        let mut nodes = Vec::new();
        while let Some(id) = ids.met.get(nodes.len()).copied() {
            let is_match = dfa.is_match_state(id);
            let bytes = members.iter().map(|byte| dfa.next_state(id, *byte));
            let next = bytes.chain([dfa.next_eoi_state(id)]).map(|id| ids.index(id)).collect();
            nodes.push(Node { is_match, is_useful: is_match, next });
        }
        let mut graph = Self { classes, nodes, at_start, after };
        graph.mark_useful();
        Some(graph)
    }

    /// Marks every state from which a match is in reach, going back from those that match.
    fn mark_useful(&mut self) {
        let mut led_from = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for next in &node.next {
                if let Some(from) = led_from.get_mut(*next) {
                    from.push(index);
                }
            }
        }
        let matches = |(index, node): (usize, &Node)| node.is_match.then_some(index);
        let mut open: Vec<usize> = self.nodes.iter().enumerate().filter_map(matches).collect();
        while let Some(index) = open.pop() {
            for from in led_from.get_mut(index).map(std::mem::take).unwrap_or_default() {
                if let Some(node) = self.nodes.get_mut(from).filter(|node| !node.is_useful) {
                    node.is_useful = true;
                    open.push(from);
                }
            }
        }
    }

    /// Whether nothing comes behind this state.
    fn is_over(&self, node: &Node) -> bool {
        !node.next.iter().any(|next| self.nodes.get(*next).is_some_and(|next| next.is_useful))
    }

    /// Whether every way from this state leads to a match that ends here, and no further.
    fn is_sure(&self, node: &Node) -> bool {
        let ends = |next: &usize| {
            self.nodes.get(*next).is_some_and(|next| next.is_match && self.is_over(next))
        };
        node.next.iter().all(ends)
    }

    /// What each state says; those that go on have rows from the second on.
    fn states(&self) -> Option<Vec<State>> {
        let width = self.nodes.first()?.next.len();
        let mut rows = 0;
        let mut states = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let sure = self.is_sure(node);
            let mut state = State::new(0)?;
            if sure {
                state = state.with_match_behind();
            } else if self.is_over(node) {
                state = state.over();
            } else {
                rows += 1;
                state = State::new(rows * width)?;
            }
            states.push(if node.is_match { state.with_match_before() } else { state });
        }
        Some(states)
    }

    fn into_automaton(self) -> Option<Automaton> {
        let states = self.states()?;
        let state = |index: &usize| states.get(*index).copied().unwrap_or(State::DEAD);
        let width = self.nodes.first()?.next.len();
        let mut table = vec![State::DEAD; width];
        for (node, of) in self.nodes.iter().zip(&states) {
            if !of.is_over() {
                table.extend(node.next.iter().map(state));
            }
        }
        let mut after = Box::new([State::DEAD; 256]);
        for (after, index) in after.iter_mut().zip(&self.after) {
            *after = state(index);
        }
        let at_start = state(&self.at_start);
        let table = table.into_boxed_slice();
        Some(Automaton { classes: self.classes, table, width, at_start, after })
    }
}

/// Numbers for the states of a DFA, in the order in which they are asked for.
#[derive(Default)]
struct Ids {
    met: Vec<StateID>,
    index: BTreeMap<StateID, usize>,
}

impl Ids {
    fn index(&mut self, id: StateID) -> usize {
        *self.index.entry(id).or_insert_with(|| {
            self.met.push(id);
            self.met.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::regexes;

    /// What the automaton says behind each byte of `text`: `.` nothing, `<` a match before, `>` a
    /// match behind, `!` that this is all, `x` that nothing will come.
    fn check(pattern: &str, text: &str, expected: &str) {
        let dlp = regexes(&[pattern]).build(&Limits::default()).unwrap();
        let automaton = &dlp.engine().entries[0].automaton;
        let mut state = automaton.start(Some(b' '));
        let mut said = String::new();
        for byte in text.bytes() {
            state = automaton.next(state, byte);
            let flags = [
                (state.is_dead(), "x"),
                (!state.is_special(), "."),
                (state.matches_before(), "<"),
                (state.matches_behind(), ">"),
                (state.is_over() && !state.is_dead(), "!"),
            ];
            said.extend(flags.iter().filter(|flag| flag.0).map(|flag| flag.1));
            said.push(' ');
        }
        assert_eq!(said.trim_end(), expected, "{pattern} on {text}");
    }

    #[test]
    fn states_say_what_is_certain() {
        check("abc", "abcd", ". . >! x");
        check("abc", "abx", ". . x");
        check("ab|abc", "abc", ". >! x");
        check("abc|ab", "abc", ". . <>!");
        check("abc|ab", "abx", ". . <!");
        check("a+", "aab", ". < <!");
        check("a+?", "aa", ">! x");
        check(r"a+\b", "aa b", ". . <! x");
        check(r"a\B", "a ", ". x");
        check("a$", "ab", ". x");
        // No match has an `x` behind a digit: dead at once, not when the repeat ends.
        check(r"a[0-9]*\b{start}x", "a11x", "x x x x");
    }
}
