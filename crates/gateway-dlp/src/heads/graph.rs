//! The first bytes of what a program takes, told apart by coarse classes.

use std::collections::BTreeMap;

use crate::bytes::ByteSet;
use crate::program::Program;
use crate::takers::{State, Taker, takers_of};

/// The first bytes of what a program takes, by coarse class: nodes that lead to others, byte by
/// byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Graph {
    /// For each node, where each class leads; the first node stands before the first byte.
    nodes: Vec<[u16; CLASSES]>,
    /// For each node, how many bytes stand before it.
    depths: Vec<u8>,
    /// Bytes of a head.
    pub(crate) len: usize,
}

/// There is no way on.
pub(super) const NOWHERE: u16 = 0;
/// The head is complete.
pub(super) const COMPLETE: u16 = u16::MAX;

impl Graph {
    /// What `program` takes in its first `len` bytes, the first of which is one of `takers`.
    pub(super) fn new(program: &Program, takers: Vec<Taker>, len: usize) -> Self {
        let mut graph = Self { nodes: vec![[NOWHERE; CLASSES]], depths: vec![0], len };
        // The nodes of one place, with what they take: anything if a match may have ended.
        let mut level = vec![(0, Takes::these(&takers))];
        for place in 1..=len {
            let mut known: BTreeMap<Option<Vec<State>>, u16> = BTreeMap::new();
            let mut next = Vec::new();
            for (node, takes) in level {
                for class in 0..CLASSES {
                    let Some(states) = takes.lead_to(class) else { continue };
                    let to = match known.get(&states) {
                        _ if place == len => COMPLETE,
                        Some(known) => *known,
                        None => {
                            let takes = Takes::after(program, states.as_ref());
                            let to = graph.add(place);
                            next.push((to, takes));
                            known.insert(states, to);
                            to
                        }
                    };
                    if let Some(row) = graph.nodes.get_mut(usize::from(node)) {
                        row[class] = to;
                    }
                }
            }
            level = next;
        }
        graph
    }

    /// A node behind so many bytes, at most [`HEAD_MAX`](super::HEAD_MAX).
    fn add(&mut self, depth: usize) -> u16 {
        self.nodes.push([NOWHERE; CLASSES]);
        self.depths.push(u8::try_from(depth).unwrap_or(u8::MAX));
        u16::try_from(self.nodes.len() - 1).unwrap_or(COMPLETE - 1)
    }

    /// The same, cut to `len` bytes.
    pub(super) fn cut(&self, len: usize) -> Self {
        let (nodes, depths) = (self.nodes.clone(), self.depths.clone());
        let mut cut = Self { nodes, depths, len: self.len.min(len) };
        if len >= self.len {
            return cut;
        }
        let mut level = vec![0];
        for place in 1..=len {
            let mut next = Vec::new();
            for node in level {
                let Some(row) = cut.nodes.get_mut(usize::from(node)) else { continue };
                for to in row.iter_mut().filter(|to| **to != NOWHERE && **to != COMPLETE) {
                    next.push(*to);
                    if place == len {
                        *to = COMPLETE;
                    }
                }
            }
            next.sort_unstable();
            next.dedup();
            if place == len {
                let kept = next.first().map_or(cut.nodes.len(), |first| usize::from(*first));
                cut.nodes.truncate(kept);
                cut.depths.truncate(kept);
            }
            level = next;
        }
        cut
    }

    /// Bytes that stand before `node`.
    pub(super) fn depth(&self, node: u16) -> usize {
        self.depths.get(usize::from(node)).map_or(self.len, |depth| usize::from(*depth))
    }

    /// Where `class` leads from `node`.
    pub(super) fn step(&self, node: u16, class: usize) -> u16 {
        self.nodes.get(usize::from(node)).and_then(|row| row.get(class)).copied().unwrap_or(NOWHERE)
    }
}

/// What a node takes.
enum Takes {
    Anything,
    /// Bytes of these coarse classes, and where they lead.
    These(Vec<(u128, State)>),
}

impl Takes {
    fn these(takers: &[Taker]) -> Self {
        Self::These(takers.iter().map(|(set, to)| (coarse_set(set), *to)).collect())
    }

    /// What is taken from `states`; anything if they are not known.
    fn after(program: &Program, states: Option<&Vec<State>>) -> Self {
        let Some(states) = states else { return Self::Anything };
        let mut takers = Vec::new();
        match takers_of(program, states.clone(), None, &mut takers) {
            true => Self::Anything,
            false => Self::these(&takers),
        }
    }

    /// The states that bytes of `class` lead to, if they lead anywhere; `Some(None)` where that is
    /// not known.
    fn lead_to(&self, class: usize) -> Option<Option<Vec<State>>> {
        let Self::These(takers) = self else { return Some(None) };
        let of_class = takers.iter().filter(|(classes, _)| classes >> class & 1 != 0);
        let mut states: Vec<State> = of_class.map(|(_, to)| *to).collect();
        states.sort_unstable();
        states.dedup();
        (!states.is_empty()).then_some(Some(states))
    }
}

/// The coarse class of a byte.
pub(super) fn coarse(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 1,
        b'_' => 2,
        b' ' => 3,
        b'-' => 4,
        b'.' => 5,
        b'/' => 6,
        b'(' | b'[' | b'{' | b'<' => 7,
        b')' | b']' | b'}' | b'>' => 8,
        b'+' => 9,
        b'@' => 10,
        b',' => 11,
        b':' => 12,
        b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' => 13,
        b'"' | b'\'' | b'=' => 14,
        b'\\' | b'%' => 15,
        0x80..=0xFF => 16,
        b'A'..=b'Z' => byte - b'A' + 17,
        b'a'..=b'z' => byte - b'a' + 43,
        _ => 0,
    }
}

/// Coarse classes.
pub(super) const CLASSES: usize = 69;

/// A set of coarse classes.
pub(super) fn coarse_set(set: &ByteSet) -> u128 {
    set.iter().fold(0, |classes, byte| classes | 1 << coarse(byte))
}
