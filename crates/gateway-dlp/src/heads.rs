//! The lane of heads: for entries without a telling literal, such as numbers, an automaton of what
//! the first bytes of their matches look like.
//!
//! A head is what the program takes in its first bytes, all of one length, and the set of the bytes
//! that may stand before. All heads become one table. So that it stays small, bytes are taken
//! together in coarse classes, the digits in one: what it finds is more than matches begin with,
//! never less. If it would still be too large, heads are cut shorter.

mod build;
mod graph;

pub(crate) use self::build::head_table;
use self::graph::{Graph, NOWHERE, coarse};
use crate::bytes::ByteSet;
use crate::program::Program;
use crate::takers::{sides, takers_behind};

/// Bytes of a head at most.
pub(crate) const HEAD_MAX: usize = 12;
/// Bytes of a head that tells much.
pub(crate) const HEAD_LONG: usize = 8;
/// What the first bytes of the matches of an entry look like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Head {
    /// Whether they may begin at the start of the part.
    pub(crate) at_start: bool,
    /// The bytes that may stand before them.
    pub(crate) before: ByteSet,
    /// The program, as far as heads go.
    pub(crate) graph: Graph,
}

impl Head {
    /// Whether a letter may come first.
    pub(crate) fn begins_with_letters(&self) -> bool {
        let letter = |byte: u8| self.graph.step(0, usize::from(coarse(byte))) != NOWHERE;
        (b'A'..=b'Z').chain(b'a'..=b'z').any(letter)
    }
}

/// The heads of `program`: one for each kind of byte before that makes a difference.
pub(crate) fn heads(program: &Program, depth: usize) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for side in sides() {
        let takers = takers_behind(program, side.example);
        if takers.is_empty() {
            continue;
        }
        let graph = Graph::new(program, takers, depth);
        let at_start = side.example.is_none();
        match heads.iter_mut().find(|head| head.graph == graph) {
            Some(head) => {
                head.at_start |= at_start;
                head.before = head.before.union(side.bytes);
            }
            None => heads.push(Head { at_start, before: side.bytes, graph }),
        }
    }
    heads
}
