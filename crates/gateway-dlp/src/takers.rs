//! What a program can take next, from any of its places: the bytes that its matches may begin with, by
//! what stands before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{ByteSet, is_word};
use crate::look::holds;
use crate::program::{Instr, Program};

/// What stands at each of the first `depth` places of what `program` matches; any byte where a
/// match may have ended.
pub(crate) fn first_sets(program: &Program, depth: usize) -> Vec<ByteSet> {
    let mut takers = Vec::new();
    let ended = takers_of(program, vec![(0, 0)], None, &mut takers);
    sets_from(takers, ended, program, depth)
}

/// The bytes that what `program` matches may begin with, by what stands before: see [`side_of`].
pub(crate) fn first_by_side(program: &Program) -> [ByteSet; SIDES] {
    sides().map(|side| {
        let takers = takers_behind(program, side.example);
        takers.iter().fold(ByteSet::EMPTY, |all, (set, _)| all.union(*set))
    })
}

/// The bytes that stand at the first `depth` places of what `program` matches, whichever of them;
/// any byte where a match may have ended.
pub(crate) fn bytes_within(program: &Program, depth: usize) -> ByteSet {
    let depth = u32::try_from(depth).unwrap_or(u32::MAX);
    let mut all = ByteSet::EMPTY;
    // The least number of bytes before each instruction.
    let mut least = BTreeMap::from([(0_u32, 0_u32)]);
    let mut open = BTreeSet::from([(0_u32, 0_u32)]);
    while let Some((taken, pc)) = open.pop_first() {
        let mut go = |to: u32, more: u32| {
            let taken = taken.saturating_add(more);
            let known = least.entry(to).or_insert(u32::MAX);
            if taken < depth && taken < *known {
                *known = taken;
                open.insert((taken, to));
            }
        };
        match program.instr(pc) {
            Instr::Byte(byte) => {
                all.insert(byte);
                go(pc + 1, 1);
            }
            Instr::Set(set) => {
                all = all.union(*program.set(set));
                go(pc + 1, 1);
            }
            Instr::Repeat(repeat) => {
                all = all.union(*program.set(repeat.set));
                go(pc + 1, repeat.min);
            }
            Instr::Split(one, other) => {
                go(one, 0);
                go(other, 0);
            }
            Instr::Jump(to) => go(to, 0),
            Instr::Look(_) => go(pc + 1, 0),
            Instr::Match => return ByteSet::ALL,
        }
    }
    all
}

/// Kinds of what stands beside a place: all that look-around tells apart.
pub(crate) const SIDES: usize = 5;

/// One byte of each of them.
pub(crate) const EXAMPLES: [Option<u8>; SIDES] =
    [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];

/// One of them; the first is an end of the part.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    pub(crate) example: Option<u8>,
    pub(crate) bytes: ByteSet,
}

/// The kind of `byte`, by index.
pub(crate) const fn side_of(byte: Option<u8>) -> usize {
    match byte {
        None => 0,
        Some(byte) => KINDS[byte as usize] as usize,
    }
}

/// The kind of each byte.
const KINDS: [u8; 256] = {
    let mut kinds = [4; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        if is_word(byte as u8) {
            kinds[byte] = 3;
        }
        byte += 1;
    }
    kinds[b'\n' as usize] = 1;
    kinds[b'\r' as usize] = 2;
    kinds
};

pub(crate) fn sides() -> [Side; SIDES] {
    let bytes = |side| ByteSet::of(|byte| side_of(Some(byte)) == side);
    std::array::from_fn(|side| Side { example: EXAMPLES[side], bytes: bytes(side) })
}

/// What can be taken at the beginning of `program`, behind `before`.
pub(crate) fn takers_behind(program: &Program, before: Option<u8>) -> Vec<Taker> {
    let mut all = Vec::new();
    for after in sides().into_iter().skip(1) {
        let mut takers = Vec::new();
        takers_of(program, vec![(0, 0)], Some((before, after.example)), &mut takers);
        let within = |(set, next): Taker| (ByteSet::of(|b| set.has(b) && after.bytes.has(b)), next);
        all.extend(takers.into_iter().map(within).filter(|(set, _)| *set != ByteSet::EMPTY));
    }
    all
}

/// An instruction and, for a repeat, how many bytes it has.
pub(crate) type State = (u32, u32);

/// A set of bytes one of which can be taken, and the state behind.
pub(crate) type Taker = (ByteSet, State);

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
pub(crate) fn takers_of(
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
