//! Shapes: what the first bytes of an entry's matches look like, read off its automaton.

use std::collections::{BTreeMap, BTreeSet};

use crate::automaton::{Automaton, State};

/// Bytes at the start of a match that a shape knows.
pub(crate) const DEPTH: usize = 4;

/// What some of the matches of an entry look like at their start. Each place is known by itself:
/// there are more ways to fill a shape than matches begin in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Whether they may begin at the start of the part.
    pub(crate) at_start: bool,
    /// The bytes that may stand before them.
    pub(crate) before: BTreeSet<u8>,
    /// The bytes that they may have at each distance from their start; any byte at a distance
    /// that a match may not reach.
    pub(crate) at: [BTreeSet<u8>; DEPTH],
}

/// The shapes of an entry: one for each group of first bytes that go on in the same way, at most
/// `max`, which must not be 0; the last holds what is left.
pub(crate) fn shapes(automaton: &Automaton, max: usize) -> Vec<Shape> {
    let mut begins: BTreeMap<State, Vec<Option<u8>>> = BTreeMap::new();
    for before in std::iter::once(None).chain((0..=u8::MAX).map(Some)) {
        begins.entry(automaton.start(before)).or_default().push(before);
    }
    let mut groups: BTreeMap<Vec<State>, BTreeSet<u8>> = BTreeMap::new();
    for byte in 0..=u8::MAX {
        let second: Vec<State> = begins.keys().map(|s| automaton.next(*s, byte)).collect();
        if second.iter().any(|state| !state.is_dead()) {
            groups.entry(second).or_default().insert(byte);
        }
    }
    let mut shapes: Vec<Shape> = Vec::new();
    for (second, first) in groups {
        let mut shape = Shape::default();
        let mut live = BTreeSet::new();
        for (state, before) in second.into_iter().zip(begins.values()) {
            if !state.is_dead() {
                shape.at_start |= before.contains(&None);
                shape.before.extend(before.iter().flatten());
                live.insert(state);
            }
        }
        shape.follow(automaton, first, live);
        let is_full = shapes.len() >= max;
        match shapes.last_mut() {
            Some(last) if is_full => last.merge(shape),
            Some(_) | None => shapes.push(shape),
        }
    }
    shapes
}

impl Shape {
    /// Fills in the bytes: `first`, then what leads on from the states `live`, which they lead to.
    fn follow(&mut self, automaton: &Automaton, first: BTreeSet<u8>, mut live: BTreeSet<State>) {
        let mut bytes = first;
        let mut ended = false;
        for at in &mut self.at {
            if ended {
                bytes = (0..=u8::MAX).collect();
            }
            at.clone_from(&bytes);
            // A match that ends before this byte says nothing on what comes behind.
            ended |= live.iter().any(|state| state.is_special());
            let mut next = BTreeSet::new();
            bytes.clear();
            for state in &live {
                for byte in 0..=u8::MAX {
                    let led = automaton.next(*state, byte);
                    if !led.is_dead() {
                        bytes.insert(byte);
                        next.insert(led);
                    }
                }
            }
            live = next;
        }
    }

    fn merge(&mut self, other: Self) {
        self.at_start |= other.at_start;
        self.before.extend(other.before);
        for (mine, theirs) in self.at.iter_mut().zip(other.at) {
            mine.extend(theirs);
        }
    }
}
