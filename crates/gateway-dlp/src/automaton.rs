//! The automaton of an entry: it says where the matches that begin at a place end, at one look for each
//! byte, where the machine of `machine.rs` looks at some bytes again and again. It is exact, repeats
//! and look-around included, and knows what the program prefers. Programs whose tables would be large
//! have none; the machine runs those.
//!
//! A cell says where the next byte leads, and whether a match ends before that byte: what look-around
//! says of a place is known by the bytes on both sides of it. It takes up again where the bytes ended
//! as the machine does, with one [`Thread`] that is its state.

use std::collections::{BTreeMap, BTreeSet};

use regex_syntax::hir::Look;

use crate::bytes::ByteSet;
use crate::machine::{After, Flow, Reel, Thread, count_match, count_steps, holds};
use crate::plan::Preference;
use crate::program::{Instr, Program, Repeat};
use crate::takers::{EXAMPLES, SIDES, side_of, sides};

/// Cells of the table of one entry at most.
const CELLS_MAX: usize = 64 << 10;
/// Cells of the tables of all entries together: 3 MiB.
const ALL_CELLS_MAX: usize = 3 << 19;
/// Instructions of a program from which on it is not worth trying.
const CODE_MAX: usize = 4 << 10;
/// Bytes that are looked at to see whether nothing is matched. Who is not rejected by then costs
/// little more than this.
const BYTES_MAX: usize = 64;

/// Nothing more is matched: the first row, of which every cell leads to itself.
const DEAD: u16 = 0;
/// In a cell, beside where the next row begins: a match ends before the byte.
const MATCH: u16 = 1 << 15;
/// Rows begin at multiples of this number of cells, by which they are numbered.
const ROW: usize = 4;

/// Cells of a row behind those of the classes of bytes: what becomes of a state where the bytes end.
const COLUMNS: usize = 3;
/// The part ends there.
const AT_END: usize = 0;
/// It is not known what comes.
const OPEN: usize = 1;
/// The same, where a match may have no more bytes.
const AT_LIMIT: usize = 2;

/// Ends of matches that are kept until the longest is asked for.
const ENDS: usize = 48;

/// The room that is left for the tables of the entries that are still to come.
pub(crate) struct Room {
    cells: usize,
}

impl Room {
    pub(crate) const fn new() -> Self {
        Self { cells: ALL_CELLS_MAX }
    }
}

/// What says where matches of one program end.
pub(crate) struct Automaton {
    classes: Box<[u8; 256]>,
    /// Rows of cells by class, and [`COLUMNS`] more.
    rows: Box<[u16]>,
    /// The number of classes.
    width: usize,
    /// The first row, by what stands before the match.
    starts: [u16; SIDES],
    preference: Preference,
}

impl Automaton {
    /// The automaton of `program`, if it is small and there is room.
    pub(crate) fn new(program: &Program, preference: Preference, room: &mut Room) -> Option<Self> {
        if program.may_spin || program.code.len() > CODE_MAX {
            return None;
        }
        let looks = looks(program);
        let (classes, examples) = classes(program, looks.iter().any(|look| *look));
        let width = examples.len();
        let stride = (width + COLUMNS).next_multiple_of(ROW);
        let cells_max = room.cells.min(CELLS_MAX);
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
        let rows = builder.build(&examples)?;
        room.cells = room.cells.saturating_sub(rows.len());
        Some(Self { classes, rows: rows.into(), width, starts, preference })
    }

    /// How many of `bytes`, which stand behind `before`, it takes until nothing is matched that
    /// begins like this; `None` if something may be.
    pub(crate) fn rejects(&self, before: Option<u8>, bytes: &[u8]) -> Option<usize> {
        let mut state = self.starts[side_of(before)];
        for (index, byte) in bytes.iter().take(BYTES_MAX).enumerate() {
            state = self.cell(state, usize::from(self.classes[usize::from(*byte)]));
            if state == DEAD {
                return Some(index + 1);
            }
            if state & MATCH != 0 {
                return None;
            }
        }
        None
    }

    /// Runs over `reel` from `at` on: from the beginning, or where `threads` were. The way that
    /// stays open is put into `open`, the ends of matches are given to `matched`: the one that is
    /// preferred, or the longest and those that are shorter.
    pub(crate) fn run(
        &self,
        reel: Reel<'_>,
        at: usize,
        threads: &[Thread],
        open: &mut Vec<Thread>,
        mut matched: impl FnMut(usize) -> Flow,
    ) {
        let carried = threads.first().map(|thread| u16::try_from(thread.pc).unwrap_or(DEAD));
        let mut state = carried.unwrap_or_else(|| self.starts[side_of(reel.before(at))]);
        let mut ends = Ends { all: [0; ENDS], len: 0, preference: self.preference };
        let stop = reel.edge.min(reel.limit).max(at);
        let mut index = at;
        for byte in reel.bytes.get(at..stop).unwrap_or_default() {
            let cell = self.cell(state, usize::from(self.classes[usize::from(*byte)]));
            if cell & MATCH != 0 {
                ends.put(index, &mut matched);
            }
            state = cell & !MATCH;
            if state == DEAD {
                break;
            }
            index += 1;
        }
        count_steps(index - at);
        if state != DEAD {
            let column = match reel.byte(index) {
                Some(byte) => usize::from(self.classes[usize::from(byte)]),
                None if reel.after == After::End => self.width + AT_END,
                None if index >= reel.limit => self.width + AT_LIMIT,
                None => self.width + OPEN,
            };
            let cell = self.cell(state, column);
            if cell & MATCH != 0 {
                ends.put(index, &mut matched);
            }
            if cell & !MATCH != DEAD && reel.is_open(index) {
                open.push(Thread { pc: u32::from(state), count: 0 });
            }
        }
        ends.give(&mut matched);
    }

    fn cell(&self, state: u16, column: usize) -> u16 {
        self.rows.get(usize::from(state) * ROW + column).copied().unwrap_or(DEAD)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.classes) + size_of_val(&*self.rows)
    }
}

/// Where matches end that were met on the way.
struct Ends {
    all: [usize; ENDS],
    len: usize,
    preference: Preference,
}

impl Ends {
    fn put(&mut self, end: usize, matched: &mut impl FnMut(usize) -> Flow) {
        match self.preference {
            // What is met later is preferred, as what is not ends what it is met with.
            Preference::First => self.len = 0,
            Preference::Longest if self.len == ENDS => self.give(matched),
            Preference::Longest => {}
        }
        if let Some(slot) = self.all.get_mut(self.len) {
            *slot = end;
            self.len += 1;
        }
    }

    /// Gives them away, the last one first.
    fn give(&mut self, matched: &mut impl FnMut(usize) -> Flow) {
        for end in self.all.get(..self.len).unwrap_or_default().iter().rev() {
            count_match();
            if matched(*end) == Flow::Stop {
                break;
            }
        }
        self.len = 0;
    }
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

/// Bytes that nothing tells apart are one class: the class of each, and one byte of each.
fn classes(program: &Program, has_looks: bool) -> (Box<[u8; 256]>, Vec<u8>) {
    let set = |instr: &Instr| match instr {
        Instr::Byte(byte) => Some(ByteSet::one(*byte)),
        Instr::Set(set) => Some(*program.set(*set)),
        Instr::Repeat(repeat) => Some(*program.set(repeat.set)),
        Instr::Split(..) | Instr::Jump(_) | Instr::Look(_) | Instr::Match => None,
    };
    let mut sets: BTreeSet<ByteSet> = program.code.iter().filter_map(set).collect();
    if has_looks {
        sets.extend(sides().map(|side| side.bytes));
    }
    let mut numbers: BTreeMap<Vec<bool>, u8> = BTreeMap::new();
    let mut classes = Box::new([0; 256]);
    let mut examples = Vec::new();
    for byte in 0..=u8::MAX {
        let kind = sets.iter().map(|set| set.has(byte)).collect();
        let new = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
        let class = *numbers.entry(kind).or_insert(new);
        if usize::from(class) == examples.len() {
            examples.push(byte);
        }
        classes[usize::from(byte)] = class;
    }
    (classes, examples)
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
            rows.push(mark(end));
            let open = self.reach(&places, before, None);
            // Any row but the dead one says that there is more to come.
            let more = |goes_on: bool| if goes_on { 1 } else { DEAD };
            rows.push(mark(&open) | more(open.waits || !open.takers.is_empty()));
            rows.push(mark(&open) | more(open.waits));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::machine::Machine;
    use crate::pattern;

    fn program(regex: &str) -> Option<Program> {
        let hir = pattern::regex("r", regex).ok()?;
        Program::new(&crate::anchor::without_captures(&hir), 1 << 20).ok()
    }

    fn automaton(regex: &str, preference: Preference) -> Option<Automaton> {
        Automaton::new(&program(regex)?, preference, &mut Room::new())
    }

    /// What runs a program from an index, or from where it was.
    type Run<'a> = &'a mut dyn FnMut(
        Reel<'_>,
        usize,
        &[Thread],
        &mut Vec<Thread>,
        &mut dyn FnMut(usize) -> Flow,
    );

    /// The end of the match that is told of what begins at the index 1 of `text`, which comes in
    /// pieces, and whether it is still open where each piece ends.
    fn told(
        run: Run<'_>,
        text: &[u8],
        cuts: &BTreeSet<usize>,
        limit: usize,
        preference: Preference,
    ) -> (Option<usize>, Vec<bool>) {
        let (mut best, mut open) = (None, Vec::new());
        let (mut threads, mut at) = (Vec::new(), 1);
        let ends = cuts.iter().filter(|cut| (2..text.len()).contains(cut));
        let ends = ends.map(|cut| (*cut, After::Open)).chain([(text.len(), After::End)]);
        for (edge, after) in ends {
            let mut left = Vec::new();
            let reel = Reel { bytes: text, edge, limit, after };
            run(reel, at, &threads, &mut left, &mut |end| match preference {
                Preference::First => {
                    best = Some(end);
                    Flow::Stop
                }
                Preference::Longest => {
                    best = best.max(Some(end));
                    Flow::GoOn
                }
            });
            open.push(!left.is_empty());
            if left.is_empty() {
                break;
            }
            (threads, at) = (left, edge);
        }
        (best, open)
    }

    #[test]
    fn what_matches_nothing_is_rejected() {
        let cases: [(&str, &str, &[&str], &[&str]); 5] = [
            (r"\b[0-9]{3}\b", " ", &["", "123", "123 ", "123.4"], &["12a", "1234", "x"]),
            (r"\b[0-9]{3}\b", "a", &[""], &["123 ", "1"]),
            (r"x[a-z]{30}y", "", &["xabc", "x"], &["xabC", "y"]),
            (r"(?i)key\s{0,3}=", "", &["KEY  =", "key"], &["key    =", "keys"]),
            (r"a\z", "", &["a"], &["ab"]),
        ];
        for (regex, before, open, dead) in cases {
            let automaton = automaton(regex, Preference::Longest).unwrap();
            let before = before.as_bytes().last().copied();
            for text in open {
                assert_eq!(automaton.rejects(before, text.as_bytes()), None, "{regex} {text}");
            }
            for text in dead {
                assert!(automaton.rejects(before, text.as_bytes()).is_some(), "{regex} {text}");
            }
        }
    }

    #[test]
    fn there_is_none_where_it_would_be_large() {
        for regex in ["[a-z]{9000}b", "[ab]*a[ab]{16}c", "(?:[ab]{0,3})*c"] {
            assert!(automaton(regex, Preference::Longest).is_none(), "{regex}");
        }
        let program = program("[a-z]{500}b").unwrap();
        let mut room = Room::new();
        let fits = || Automaton::new(&program, Preference::First, &mut room);
        let built = std::iter::from_fn(fits).take(10_000);
        let bytes: usize = built.map(|automaton| automaton.memory_usage()).sum();
        assert!((1 << 21..=4 << 20).contains(&bytes), "{bytes}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// It tells what the machine tells, in any pieces.
        #[test]
        fn it_tells_what_the_machine_tells(
            regex in r"(\\b|)[abc](\{0,2\}|\{1,20\}|\*|\?|\+\?|\{2,4\}\?)?([ab]\||)([abc.]\+?|a\*)(\\b)?[ab ](\|c|\\z|\\b|b\*\?)?",
            text in "[abc \n]{2,24}",
            cuts in prop::collection::btree_set(0_usize..24, 0..6),
            limit in 1_usize..30,
            is_longest in any::<bool>(),
        ) {
            let preference = if is_longest { Preference::Longest } else { Preference::First };
            let Some(program) = program(&regex) else { return Ok(()) };
            let automaton = Automaton::new(&program, preference, &mut Room::new());
            let Some(automaton) = automaton else { return Ok(()) };
            let mut machine = Machine::default();
            let text = text.as_bytes();
            let by_machine = told(
                &mut |reel, at, threads, open, matched| {
                    machine.run(&program, reel, at, threads, open, matched);
                },
                text, &cuts, limit, preference,
            );
            let by_automaton = told(
                &mut |reel, at, threads, open, matched| {
                    automaton.run(reel, at, threads, open, matched);
                },
                text, &cuts, limit, preference,
            );
            prop_assert_eq!(&by_automaton, &by_machine, "{} {:?}", regex, text);
            if by_machine.0.is_some() {
                let rejects = automaton.rejects(text.first().copied(), text.get(1..).unwrap_or_default());
                prop_assert_eq!(rejects, None);
            }
        }
    }
}
