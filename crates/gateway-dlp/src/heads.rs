//! The lane of heads: for entries without a telling literal, such as numbers, an automaton of what
//! the first bytes of their matches look like.
//!
//! A head is a row of byte sets, and the set of the bytes that may stand before it. All heads
//! become one table. So that it stays small, bytes are taken together in a few coarse classes, the
//! digits in one: what it finds is more than matches begin with, never less. If it would still be
//! too large, heads are cut shorter.

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
    /// The bytes at each place; never empty.
    pub(crate) sets: Vec<ByteSet>,
}

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
        let sets = sets_from(takers, false, program, depth);
        let at_start = side.example.is_none();
        match heads.iter_mut().find(|head| head.sets == sets) {
            Some(head) => {
                head.at_start |= at_start;
                head.before = head.before.union(side.bytes);
            }
            None => heads.push(Head { at_start, before: side.bytes, sets }),
        }
    }
    heads
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
        b'A'..=b'F' => 2,
        b'G'..=b'Z' => 3,
        b'a'..=b'f' => 4,
        b'g'..=b'z' => 5,
        b'_' => 6,
        b' ' => 7,
        b'-' => 8,
        b'.' => 9,
        b'/' => 10,
        b'(' | b'[' | b'{' | b'<' => 11,
        b')' | b']' | b'}' | b'>' => 12,
        b'+' => 13,
        b'@' => 14,
        b',' => 15,
        b':' => 16,
        b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' => 17,
        b'"' | b'\'' | b'=' => 18,
        b'\\' | b'%' => 19,
        0x80..=0xFF => 20,
        _ => 0,
    }
}

/// Coarse classes.
const CLASSES: usize = 21;

/// A set of coarse classes.
fn coarse_set(set: &ByteSet) -> u32 {
    set.iter().fold(0, |classes, byte| classes | 1 << coarse(byte))
}

/// What may be live at a place: heads that have some bytes, and which may begin.
type Live = (Vec<(u16, u8)>, Begins);

/// Which heads may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Begins {
    AtStart,
    Nowhere,
    Behind(u8),
}

struct Builder {
    /// For each different head: what may stand before, at its places, and the heads of this kind.
    kinds: Vec<(bool, u32, Vec<u32>, Vec<u32>)>,
    /// Coarse classes behind which the same heads may begin are one.
    behind: [u8; CLASSES],
}

impl Builder {
    fn new(heads: &[Head], depth: usize) -> Self {
        let mut kinds: BTreeMap<(bool, u32, Vec<u32>), Vec<u32>> = BTreeMap::new();
        for (number, head) in (0_u32..).zip(heads) {
            let sets = head.sets.iter().take(depth).map(coarse_set).collect();
            let kind = (head.at_start, coarse_set(&head.before), sets);
            kinds.entry(kind).or_default().push(number);
        }
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(|((start, before, sets), all)| (start, before, sets, all))
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
        for (kind, at) in heads.iter().copied().chain(new) {
            let Some((_, _, sets, numbers)) = self.kinds.get(usize::from(kind)) else { continue };
            if sets.get(usize::from(at)).is_none_or(|set| set >> class & 1 == 0) {
                continue;
            }
            if usize::from(at) + 1 == sets.len() {
                ends.extend(numbers);
            } else {
                next.push((kind, at + 1));
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
        let longest = self.kinds.iter().map(|kind| kind.2.len()).max().unwrap_or(0);
        // The byte before a head counts too.
        let memory = longest + 1;
        Table::new(Plan { classes, width: CLASSES, next, ends, at_start: 1, memory })
    }
}
