//! The lane of heads: for entries without a telling literal, such as numbers, an automaton of what
//! the first bytes of their matches look like.
//!
//! A head is what the program takes in its first bytes, all of one length, and the set of the bytes
//! that may stand before. All heads become one table. So that it stays small, bytes are taken
//! together in coarse classes, the digits in one: what it finds is more than matches begin with,
//! never less. If it would still be too large, heads are cut shorter.

use std::collections::{BTreeMap, VecDeque};

use crate::bytes::{ByteSet, is_word};
use crate::machine::holds;
use crate::program::{Instr, Program};
use crate::table::{Plan, Table};

/// Bytes of a head at most.
pub(crate) const HEAD_MAX: usize = 8;
/// States of the table at most; with fewer bytes per head there are less.
const STATES_MAX: usize = 6_000;

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

/// The first bytes of what a program takes, by coarse class: nodes that lead to others, byte by
/// byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Graph {
    /// For each node, where each class leads; the first node stands before the first byte.
    nodes: Vec<[u16; CLASSES]>,
    /// Bytes of a head.
    pub(crate) len: usize,
}

/// There is no way on.
const NOWHERE: u16 = 0;
/// The head is complete.
const COMPLETE: u16 = u16::MAX;

/// What stands at each of the first `depth` places of what `program` matches; any byte where a
/// match may have ended.
pub(crate) fn first_sets(program: &Program, depth: usize) -> Vec<ByteSet> {
    let mut takers = Vec::new();
    let ended = takers_of(program, vec![(0, 0)], None, &mut takers);
    sets_from(takers, ended, program, depth)
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

impl Graph {
    /// What `program` takes in its first `len` bytes, the first of which is one of `takers`.
    fn new(program: &Program, takers: Vec<Taker>, len: usize) -> Self {
        let mut nodes = vec![[NOWHERE; CLASSES]];
        // What stands at the nodes of one place: what they take, or anything if a match may have
        // ended.
        let mut level = vec![(0, Some(takers))];
        for place in 1..=len {
            let mut numbers: BTreeMap<Option<Vec<(u32, u32)>>, u16> = BTreeMap::new();
            let mut next = Vec::new();
            for (node, takers) in level {
                for class in 0..CLASSES {
                    let Some(states) = led_to(takers.as_deref(), class) else { continue };
                    let (ended, after) = match &states {
                        None => (true, Vec::new()),
                        Some(states) => {
                            let mut after = Vec::new();
                            (takers_of(program, states.clone(), None, &mut after), after)
                        }
                    };
                    let to = if place == len {
                        COMPLETE
                    } else {
                        let key = states.filter(|_| !ended);
                        let new = u16::try_from(nodes.len()).unwrap_or(COMPLETE - 1);
                        let number = *numbers.entry(key).or_insert(new);
                        if usize::from(number) == nodes.len() {
                            nodes.push([NOWHERE; CLASSES]);
                            next.push((number, (!ended).then_some(after)));
                        }
                        number
                    };
                    if let Some(row) = nodes.get_mut(usize::from(node)) {
                        row[class] = to;
                    }
                }
            }
            level = next;
        }
        Self { nodes, len }
    }

    /// The same, cut to `len` bytes.
    fn cut(&self, len: usize) -> Self {
        let mut cut = Self { nodes: self.nodes.clone(), len: self.len.min(len) };
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
            }
            level = next;
        }
        cut
    }

    /// Where `class` leads from `node`.
    fn step(&self, node: u16, class: usize) -> u16 {
        self.nodes.get(usize::from(node)).and_then(|row| row.get(class)).copied().unwrap_or(NOWHERE)
    }
}

/// The states that bytes of `class` lead to; `Some(None)` where that is anything, `None` where they
/// lead nowhere.
fn led_to(takers: Option<&[Taker]>, class: usize) -> Option<Option<Vec<(u32, u32)>>> {
    let Some(takers) = takers else { return Some(None) };
    let takes = |set: &ByteSet| coarse_set(set) >> class & 1 != 0;
    let mut states: Vec<_> =
        takers.iter().filter(|(set, _)| takes(set)).map(|(_, next)| *next).collect();
    states.sort_unstable();
    states.dedup();
    (!states.is_empty()).then_some(Some(states))
}

/// The bytes that what `program` matches may begin with, by what stands before: see [`side_of`].
pub(crate) fn first_by_side(program: &Program) -> [ByteSet; SIDES] {
    sides().map(|side| {
        let takers = takers_behind(program, side.example);
        takers.iter().fold(ByteSet::EMPTY, |all, (set, _)| all.union(*set))
    })
}

/// Kinds of what stands beside a place: all that look-around tells apart.
pub(crate) const SIDES: usize = 5;

/// One of them; the first is an end of the part.
#[derive(Clone, Copy)]
struct Side {
    example: Option<u8>,
    bytes: ByteSet,
}

/// The kind of `byte`, by index.
pub(crate) const fn side_of(byte: Option<u8>) -> usize {
    match byte {
        None => 0,
        Some(b'\n') => 1,
        Some(b'\r') => 2,
        Some(byte) if is_word(byte) => 3,
        Some(_) => 4,
    }
}

fn sides() -> [Side; SIDES] {
    let bytes = |side| ByteSet::of(|byte| side_of(Some(byte)) == side);
    let example = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];
    std::array::from_fn(|side| Side { example: example[side], bytes: bytes(side) })
}

/// What can be taken at the beginning of `program`, behind `before`.
fn takers_behind(program: &Program, before: Option<u8>) -> Vec<Taker> {
    let mut all = Vec::new();
    for after in sides().into_iter().skip(1) {
        let mut takers = Vec::new();
        takers_of(program, vec![(0, 0)], Some((before, after.example)), &mut takers);
        let within = |(set, next): Taker| (ByteSet::of(|b| set.has(b) && after.bytes.has(b)), next);
        all.extend(takers.into_iter().map(within).filter(|(set, _)| *set != ByteSet::EMPTY));
    }
    all
}

/// A set of bytes one of which can be taken, and the state behind.
type Taker = (ByteSet, (u32, u32));

/// The sets at the first `depth` places, the first of which is filled by `takers`.
fn sets_from(
    mut takers: Vec<Taker>,
    mut ended: bool,
    program: &Program,
    depth: usize,
) -> Vec<ByteSet> {
    let mut sets = Vec::with_capacity(depth);
    while sets.len() < depth {
        let set = takers.iter().fold(ByteSet::EMPTY, |all, (set, _)| all.union(*set));
        sets.push(if ended { ByteSet::ALL } else { set });
        let mut states: Vec<_> = takers.drain(..).map(|(_, next)| next).collect();
        states.sort_unstable();
        states.dedup();
        ended |= takers_of(program, states, None, &mut takers);
    }
    sets
}

/// What can be taken from `states`, and whether a match may end in one of them. A state is an
/// instruction and, for a repeat, how many bytes it has. Look-around is believed to hold, unless
/// it is known what stands on both `sides`.
fn takers_of(
    program: &Program,
    states: Vec<(u32, u32)>,
    sides: Option<(Option<u8>, Option<u8>)>,
    takers: &mut Vec<Taker>,
) -> bool {
    let mut ended = false;
    let mut open = states.clone();
    let mut seen = states;
    while let Some((pc, count)) = open.pop() {
        let mut go = |to: u32| {
            if !seen.contains(&(to, 0)) {
                seen.push((to, 0));
                open.push((to, 0));
            }
        };
        match program.instr(pc) {
            Instr::Byte(byte) => takers.push((ByteSet::one(byte), (pc + 1, 0))),
            Instr::Set(set) => takers.push((*program.set(set), (pc + 1, 0))),
            Instr::Repeat(repeat) => {
                if count >= repeat.min {
                    go(pc + 1);
                }
                if count < repeat.max {
                    takers.push((*program.set(repeat.set), (pc, count + 1)));
                }
            }
            Instr::Split(one, other) => {
                go(one);
                go(other);
            }
            Instr::Jump(to) => go(to),
            Instr::Look(look) => {
                if sides.is_none_or(|(before, after)| holds(look, before, after)) {
                    go(pc + 1);
                }
            }
            Instr::Match => ended = true,
        }
    }
    ended
}

/// A table that finds the ends of `heads`, by their numbers; how many bytes of a head it takes at
/// most is returned too.
pub(crate) fn head_table(heads: &[Head]) -> Option<(Table, usize)> {
    (1..=HEAD_MAX).rev().find_map(|depth| Some((Builder::new(heads, depth).build()?, depth)))
}

/// The coarse class of a byte.
fn coarse(byte: u8) -> u8 {
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
const CLASSES: usize = 69;

/// A set of coarse classes.
fn coarse_set(set: &ByteSet) -> u128 {
    set.iter().fold(0, |classes, byte| classes | 1 << coarse(byte))
}

/// What may be live at a place: heads that have some bytes, and which may begin.
type Live = (Vec<(u16, u16)>, Begins);

/// Which heads may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Begins {
    AtStart,
    Nowhere,
    Behind(u8),
}

struct Builder {
    /// For each different head: what may stand before, at its places, and the heads of this kind.
    kinds: Vec<(bool, u128, Graph, Vec<u32>)>,
    /// Coarse classes behind which the same heads may begin are one.
    behind: [u8; CLASSES],
}

impl Builder {
    fn new(heads: &[Head], depth: usize) -> Self {
        let mut kinds: BTreeMap<(bool, u128, Graph), Vec<u32>> = BTreeMap::new();
        for (number, head) in (0_u32..).zip(heads) {
            let kind = (head.at_start, coarse_set(&head.before), head.graph.cut(depth));
            kinds.entry(kind).or_default().push(number);
        }
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(|((start, before, graph), all)| (start, before, graph, all))
            .collect();
        let mut behind = [0; CLASSES];
        for (class, behind) in behind.iter_mut().enumerate() {
            let same = |other: &usize| {
                kinds.iter().all(|kind| kind.1 >> class & 1 == kind.1 >> *other & 1)
            };
            let first = (0..class).find(same).unwrap_or(class);
            *behind = u8::try_from(first).unwrap_or(0);
        }
        Self { kinds, behind }
    }

    /// What is live behind a byte of `class`, and what has come to its end there.
    fn step(&self, live: &Live, class: usize) -> (Live, Vec<u32>) {
        let (heads, begins) = live;
        let begin = self.kinds.iter().enumerate().filter(|(_, kind)| match begins {
            Begins::AtStart => kind.0,
            Begins::Nowhere => false,
            Begins::Behind(class) => kind.1 >> class & 1 != 0,
        });
        let new = begin.map(|(kind, _)| (u16::try_from(kind).unwrap_or(u16::MAX), 0));
        let mut next = Vec::new();
        let mut ends = Vec::new();
        for (kind, node) in heads.iter().copied().chain(new) {
            let Some((_, _, graph, numbers)) = self.kinds.get(usize::from(kind)) else { continue };
            match graph.step(node, class) {
                NOWHERE => {}
                COMPLETE => ends.extend(numbers),
                to => next.push((kind, to)),
            }
        }
        next.sort_unstable();
        ends.sort_unstable();
        let behind = self.behind.get(class).copied().unwrap_or(0);
        ((next, Begins::Behind(behind)), ends)
    }

    fn build(&self) -> Option<Table> {
        let mut numbers: BTreeMap<(Live, Vec<u32>), usize> = BTreeMap::new();
        let mut rows: Vec<[usize; CLASSES]> = Vec::new();
        let mut queue = VecDeque::new();
        let mut ends: Vec<Vec<u32>> = Vec::new();
        for begins in [Begins::Nowhere, Begins::AtStart] {
            let live = ((Vec::new(), begins), Vec::new());
            queue.push_back(live.0.clone());
            numbers.insert(live, ends.len());
            ends.push(Vec::new());
        }
        while let Some(live) = queue.pop_front() {
            let mut row = [0; CLASSES];
            for (class, slot) in row.iter_mut().enumerate() {
                let state = self.step(&live, class);
                let new = ends.len();
                *slot = *numbers.entry(state.clone()).or_insert(new);
                if *slot == new {
                    queue.push_back(state.0);
                    ends.push(state.1);
                }
            }
            if ends.len() > STATES_MAX {
                return None;
            }
            rows.push(row);
        }
        self.table(&rows, ends)
    }

    fn table(&self, rows: &[[usize; CLASSES]], ends: Vec<Vec<u32>>) -> Option<Table> {
        let mut classes = Box::new([0; 256]);
        for (byte, class) in (0..=u8::MAX).zip(classes.iter_mut()) {
            *class = coarse(byte);
        }
        let next = rows.iter().flatten().copied().collect();
        let longest = self.kinds.iter().map(|kind| kind.2.len).max().unwrap_or(0);
        // The byte before a head counts too.
        let memory = longest + 1;
        Table::new(Plan { classes, width: CLASSES, next, ends, at_start: 1, memory })
    }
}
