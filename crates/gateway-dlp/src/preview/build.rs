//! Builds the table of a preview: its states are the sets of places at which a program may be.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::Look;

use super::{DEAD, OPEN};
use crate::bytes::ByteSet;
use crate::look::holds;
use crate::program::{Instr, Program};
use crate::takers::{EXAMPLES, SIDES, takers_behind};

/// What becomes of a table that is too large.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Fail,
    /// States for which there is no room are [`OPEN`].
    Open,
}

/// Where a program may be: instructions, and for repeats how many bytes they have.
type Places = Vec<(u32, u32)>;

pub(super) struct Builder<'a> {
    pub(super) program: &'a Program,
    /// Kinds of starts.
    pub(super) starts: usize,
    pub(super) examples: &'a [u8],
    /// How far repeats are counted.
    pub(super) counted: u32,
    /// Cells at most.
    pub(super) cells: usize,
    /// See [`last_taken`].
    pub(super) last: &'a [u16],
}

impl Builder<'_> {
    /// The rows, unless there are too many.
    pub(super) fn build(&self, end: End) -> Option<Vec<u16>> {
        let columns = self.examples.len() + 1;
        let states_max = (self.cells / columns).max(1);
        let mut numbers = BTreeMap::new();
        let mut states = vec![vec![(0, 0)]; self.starts];
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(places) = states.get(at) {
            let before = EXAMPLES.get(at).filter(|_| self.starts > 1 && at < self.starts);
            at += 1;
            let last = self.last(places);
            let row = self.row(places, before.copied());
            for to in row {
                let number = match to {
                    None => OPEN,
                    Some(to) if to.is_empty() => DEAD,
                    Some(to) => match numbers.get(&to) {
                        Some(number) => *number,
                        None if states.len() < states_max => {
                            let number = u16::try_from(states.len() * columns).ok()?;
                            numbers.insert(to.clone(), number);
                            states.push(to);
                            number
                        }
                        None if end == End::Open => OPEN,
                        None => return None,
                    },
                };
                rows.push(number);
            }
            rows.push(last);
        }
        Some(rows)
    }

    /// Where each example leads from `places`, behind `before` if that is known: `None` where a match may end.
    fn row(&self, places: &Places, before: Option<Option<u8>>) -> Vec<Option<Places>> {
        let to = |takers: &Option<Vec<(ByteSet, (u32, u32))>>, byte: u8| {
            let with = takers.as_ref()?.iter().filter(|(set, _)| set.has(byte));
            Some(self.apart(with.map(|(_, to)| *to)))
        };
        let believed = self.takers(places, None);
        let examples = self.examples.iter().copied();
        let next = examples.map(|byte| match before {
            Some(before) => to(&self.takers(places, Some((before, Some(byte)))), byte),
            None => to(&believed, byte),
        });
        next.collect()
    }

    /// Places, in order, without those that can do no more than others.
    fn apart(&self, places: impl Iterator<Item = (u32, u32)>) -> Places {
        let all: BTreeSet<(u32, u32)> = places.collect();
        let mut apart = Places::new();
        for (pc, count) in all {
            // A repeat that has as many as it needs can go on all the longer the fewer it has.
            let needs = match self.program.instr(pc) {
                Instr::Repeat(repeat) => repeat.min.min(self.counted),
                _ => 0,
            };
            let is_more = |(other, fewer): &(u32, u32)| *other == pc && *fewer >= needs;
            if !apart.last().is_some_and(is_more) {
                apart.push((pc, count));
            }
        }
        apart
    }

    /// How many bytes may have been taken in `places` at the most.
    fn last(&self, places: &Places) -> u16 {
        let of_place = |(pc, _): &(u32, u32)| self.last.get(*pc as usize).copied();
        places.iter().filter_map(of_place).max().unwrap_or(u16::MAX)
    }

    /// What can be taken from `places`, and where that leads, if it is known between what on both `sides`; `None`
    /// if a match may end there.
    fn takers(
        &self,
        places: &Places,
        sides: Option<(Option<u8>, Option<u8>)>,
    ) -> Option<Vec<(ByteSet, (u32, u32))>> {
        let mut takers = Vec::new();
        let mut seen: BTreeSet<(u32, u32)> = places.iter().copied().collect();
        let mut open = places.clone();
        while let Some((pc, count)) = open.pop() {
            let mut go = |to: u32| {
                if seen.insert((to, 0)) {
                    open.push((to, 0));
                }
            };
            let instr = self.program.instr(pc);
            match instr {
                Instr::Match => return None,
                Instr::Jump(to) => go(to),
                // Where a byte follows, the part does not end; where none does, nothing is rejected.
                Instr::Look(Look::End) => {}
                Instr::Look(look) => {
                    if sides.is_none_or(|(before, after)| holds(look, before, after)) {
                        go(pc + 1);
                    }
                }
                Instr::Split(one, other) => {
                    go(one);
                    go(other);
                }
                Instr::Byte(_) | Instr::Set(_) => {
                    takers.extend(self.program.taken(&instr).map(|set| (set, (pc + 1, 0))));
                }
                Instr::Repeat(repeat) => {
                    let least = repeat.min.min(self.counted);
                    let is_endless = repeat.max > self.counted;
                    if count >= least {
                        go(pc + 1);
                    }
                    if is_endless || count < repeat.max {
                        let more = if is_endless { least.min(count + 1) } else { count + 1 };
                        takers.push((*self.program.set(repeat.set), (pc, more)));
                    }
                }
            }
        }
        Some(takers)
    }
}

/// Of how many kinds the beginning of `program` is, by what stands before: one, or one of each side.
pub(super) fn kinds_of_start(program: &Program) -> usize {
    let of_sides = EXAMPLES.map(|before| takers_behind(program, before));
    if of_sides.iter().all(|takers| *takers == of_sides[0]) { 1 } else { SIDES }
}

/// How many bytes `program` may have taken at the most while it is at each of its instructions, at
/// which no more than a repeat that it may be in has taken is counted; [`u16::MAX`] if any number.
pub(super) fn last_taken(program: &Program) -> Vec<u16> {
    let takes = |instr: &Instr| match instr {
        Instr::Byte(_) | Instr::Set(_) => 1,
        Instr::Repeat(repeat) => u16::try_from(repeat.max).unwrap_or(u16::MAX),
        Instr::Split(..) | Instr::Jump(_) | Instr::Look(_) | Instr::Match => 0,
    };
    // What comes before each; nothing comes before what cannot be reached.
    let mut before: Vec<Option<u16>> = vec![None; program.code.len()];
    before.iter_mut().take(1).for_each(|first| *first = Some(0));
    let mut changed = true;
    while changed {
        changed = false;
        for (pc, instr) in program.code.iter().enumerate() {
            let Some(Some(taken)) = before.get(pc).copied() else { continue };
            let behind = taken.saturating_add(takes(instr));
            let next = match instr {
                Instr::Split(one, other) => [Some(*one as usize), Some(*other as usize)],
                Instr::Jump(to) => [Some(*to as usize), None],
                Instr::Match => [None, None],
                _ => [Some(pc + 1), None],
            };
            for to in next.into_iter().flatten() {
                // Who comes back to where it was may do so any number of times.
                let behind = if to <= pc { u16::MAX } else { behind };
                if let Some(slot) = before.get_mut(to).filter(|slot| **slot < Some(behind)) {
                    *slot = Some(behind);
                    changed = true;
                }
            }
        }
    }
    let all = program.code.iter().zip(before);
    all.map(|(instr, before)| match instr {
        Instr::Repeat(_) => before.unwrap_or(u16::MAX).saturating_add(takes(instr)),
        _ => before.unwrap_or(u16::MAX),
    })
    .collect()
}
