//! Builds the tables of an automaton: its states are the sets of places at which a program may be, the
//! preferred ones first where that matters.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::Look;

use super::{AT_END, AT_LIMIT, COLUMNS, DEAD, MATCH, OPEN, ROW};
use crate::bytes::{ByteSet, classes};
use crate::look::holds;
use crate::plan::Preference;
use crate::program::{Instr, Program, Repeat};
use crate::takers::{EXAMPLES, SIDES, side_of, sides};

/// Instructions of a program from which on it is not worth trying.
const CODE_MAX: usize = 4 << 10;

/// What an automaton is made of.
pub(super) struct Tables {
    /// The class of each byte.
    pub(super) classes: Box<[u8; 256]>,
    /// Rows of cells by class, and [`COLUMNS`] more.
    pub(super) rows: Box<[u16]>,
    /// The number of classes.
    pub(super) width: usize,
    /// The first row, by what stands before the match.
    pub(super) starts: [u16; SIDES],
}

/// The tables of `program`, if they have at most `cells_max` cells.
pub(super) fn build(program: &Program, preference: Preference, cells_max: usize) -> Option<Tables> {
    if program.may_spin || program.code.len() > CODE_MAX {
        return None;
    }
    let looks = looks(program);
    let mut sets = program.taken_sets();
    if looks.contains(&true) {
        sets.extend(sides().map(|side| side.bytes));
    }
    let (classes, examples) = classes(&sets);
    let width = examples.len();
    let stride = (width + COLUMNS).next_multiple_of(ROW);
    if most_counted(program).saturating_mul(stride) > cells_max {
        return None;
    }
    let mut builder = Builder {
        program,
        preference,
        looks,
        numbers: BTreeMap::from([((Vec::new(), NO_SIDE), DEAD)]),
        states: vec![(Vec::new(), NO_SIDE)],
        stride,
        cells_max,
    };
    let mut starts = [DEAD; SIDES];
    for (side, start) in starts.iter_mut().enumerate() {
        *start = builder.number(vec![(0, 0)], side)?;
    }
    let rows = builder.build(&examples)?.into();
    Some(Tables { classes, rows, width, starts })
}

/// How far one repeat counts at the most: each number of bytes is a state.
fn most_counted(program: &Program) -> usize {
    let counted = program.code.iter().filter_map(|instr| match instr {
        Instr::Repeat(Repeat { min, max: u32::MAX, .. }) => Some(*min),
        Instr::Repeat(repeat) => Some(repeat.max),
        _ => None,
    });
    counted.max().map_or(0, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// For each instruction, whether there may be look-around before the next byte is taken.
fn looks(program: &Program) -> Vec<bool> {
    let mut looks = vec![false; program.code.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for (pc, instr) in program.code.iter().enumerate().rev() {
            let at = |pc: usize| looks.get(pc).copied().unwrap_or(false);
            let has = match instr {
                Instr::Look(_) => true,
                // One that has some bytes may go on with what follows.
                Instr::Repeat(_) => at(pc + 1),
                Instr::Split(one, other) => at(*one as usize) || at(*other as usize),
                Instr::Jump(to) => at(*to as usize),
                Instr::Byte(_) | Instr::Set(_) | Instr::Match => false,
            };
            if let Some(known) = looks.get_mut(pc).filter(|known| **known != has) {
                *known = has;
                changed = true;
            }
        }
    }
    looks
}

/// Where a program is: instructions, and for repeats how many bytes they have.
type Places = Vec<(u32, u32)>;

/// The side of a state to which it makes no difference what stands before it.
const NO_SIDE: usize = SIDES - 1;

/// Builds the rows.
struct Builder<'a> {
    program: &'a Program,
    preference: Preference,
    looks: Vec<bool>,
    /// Where the row of a state begins.
    numbers: BTreeMap<(Places, usize), u16>,
    states: Vec<(Places, usize)>,
    /// Cells of a row.
    stride: usize,
    cells_max: usize,
}

/// What a state comes to without a byte more.
#[derive(Default)]
struct Reached {
    /// What can be taken, and where that leads: what is preferred comes first.
    takers: Vec<(ByteSet, (u32, u32))>,
    /// Whether a match ends.
    matches: bool,
    /// Whether it is open what look-around says.
    waits: bool,
}

/// What is left to follow.
enum Step {
    Go((u32, u32)),
    Take(ByteSet, (u32, u32)),
}

impl Builder<'_> {
    /// Where the row begins of these places behind a byte of this side; `None` if there is no room.
    fn number(&mut self, places: Places, side: usize) -> Option<u16> {
        let looks = |(pc, _): &(u32, u32)| self.looks.get(*pc as usize) == Some(&true);
        let side = if places.iter().any(looks) { side } else { NO_SIDE };
        let key = (places, side);
        if let Some(number) = self.numbers.get(&key) {
            return Some(*number);
        }
        let row = self.states.len() * self.stride;
        if row + self.stride > self.cells_max {
            return None;
        }
        let number = u16::try_from(row / ROW).ok().filter(|number| number & MATCH == 0)?;
        self.states.push(key.clone());
        self.numbers.insert(key, number);
        Some(number)
    }

    fn build(&mut self, examples: &[u8]) -> Option<Vec<u16>> {
        // The dead state is the first one.
        let mut rows = vec![DEAD; self.stride];
        let mut at = 1;
        while let Some((places, side)) = self.states.get(at).cloned() {
            at += 1;
            let before = EXAMPLES[side];
            let by_side = EXAMPLES.map(|after| self.reach(&places, before, Some(after)));
            for byte in examples {
                let reached = &by_side[side_of(Some(*byte))];
                let next = self.next(&reached.takers, *byte);
                let to = self.number(next, side_of(Some(*byte)))?;
                rows.push(to | mark(reached));
            }
            let [end, ..] = &by_side;
            let open = self.reach(&places, before, None);
            // Any row but the dead one says that there is more to come.
            let more = |goes_on: bool| if goes_on { 1 } else { DEAD };
            let mut columns = [DEAD; COLUMNS];
            columns[AT_END] = mark(end);
            columns[OPEN] = mark(&open) | more(open.waits || !open.takers.is_empty());
            columns[AT_LIMIT] = mark(&open) | more(open.waits);
            rows.extend(columns);
            rows.resize(at * self.stride, DEAD);
        }
        Some(rows)
    }

    /// Where `byte` leads.
    fn next(&self, takers: &[(ByteSet, (u32, u32))], byte: u8) -> Places {
        let mut next = Places::new();
        for (_, to) in takers.iter().filter(|(set, _)| set.has(byte)) {
            if !next.contains(to) {
                next.push(*to);
            }
        }
        if self.preference == Preference::Longest {
            next.sort_unstable();
        }
        next
    }

    /// What `places` come to, behind `before` and before `after`, which is not known if it is `None`.
    fn reach(
        &self,
        places: &[(u32, u32)],
        before: Option<u8>,
        after: Option<Option<u8>>,
    ) -> Reached {
        let mut reached = Reached::default();
        let mut seen = BTreeSet::new();
        let mut open: Vec<Step> = places.iter().rev().map(|place| Step::Go(*place)).collect();
        while let Some(step) = open.pop() {
            let (pc, count) = match step {
                Step::Take(set, to) => {
                    reached.takers.push((set, to));
                    continue;
                }
                Step::Go(place) if !seen.insert(place) => continue,
                Step::Go(place) => place,
            };
            match self.program.instr(pc) {
                Instr::Match => {
                    reached.matches = true;
                    if self.preference == Preference::First {
                        break;
                    }
                }
                Instr::Jump(to) => open.push(Step::Go((to, 0))),
                Instr::Split(one, other) => {
                    open.extend([Step::Go((other, 0)), Step::Go((one, 0))]);
                }
                Instr::Look(look) => match said(look, before, after) {
                    Some(true) => open.push(Step::Go((pc + 1, 0))),
                    Some(false) => {}
                    None => reached.waits = true,
                },
                Instr::Byte(byte) => reached.takers.push((ByteSet::one(byte), (pc + 1, 0))),
                Instr::Set(set) => reached.takers.push((*self.program.set(set), (pc + 1, 0))),
                Instr::Repeat(repeat) => {
                    let set = *self.program.set(repeat.set);
                    // Of a repeat without end, more than the least number makes no difference.
                    let is_endless = repeat.max == u32::MAX;
                    let more = if is_endless { repeat.min.min(count + 1) } else { count + 1 };
                    let take = (count < repeat.max).then_some(Step::Take(set, (pc, more)));
                    let leave = (count >= repeat.min).then_some(Step::Go((pc + 1, 0)));
                    let (first, last) =
                        if repeat.is_greedy { (take, leave) } else { (leave, take) };
                    open.extend(last.into_iter().chain(first));
                }
            }
        }
        reached
    }
}

const fn mark(reached: &Reached) -> u16 {
    if reached.matches { MATCH } else { 0 }
}

/// Whether `look` holds between two bytes, of which the second may not be known yet.
fn said(look: Look, before: Option<u8>, after: Option<Option<u8>>) -> Option<bool> {
    let needs_before_alone = matches!(
        look,
        Look::Start | Look::StartLF | Look::WordStartHalfAscii | Look::WordStartHalfUnicode
    );
    match after {
        Some(after) => Some(holds(look, before, after)),
        None if needs_before_alone => Some(holds(look, before, None)),
        None => None,
    }
}
