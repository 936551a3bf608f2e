//! The automaton of an entry: it says where the matches that begin at a place end, at one look for each
//! byte, where the machine of `machine.rs` looks at some bytes again and again. It is exact, repeats
//! and look-around included, and knows what the program prefers. Programs whose tables would be large
//! have none; the machine runs those.
//!
//! A cell says where the next byte leads, and whether a match ends before that byte: what look-around
//! says of a place is known by the bytes on both sides of it. It takes up again where the bytes ended
//! as the machine does, with one [`Thread`] that is its state.

mod build;
#[cfg(test)]
mod tests;

use self::build::{Tables, build};
use crate::machine::{Flow, Thread};
use crate::plan::Preference;
use crate::program::Program;
use crate::reel::{After, Reel};
use crate::steps::{count_match, count_steps};
use crate::takers::{SIDES, side_of};

/// Cells of the table of one entry at most.
const CELLS_MAX: usize = 64 << 10;
/// Cells of the tables of all entries together: 3 MiB.
const ALL_CELLS_MAX: usize = 3 << 19;
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
        let tables = build(program, preference, room.cells.min(CELLS_MAX))?;
        room.cells = room.cells.saturating_sub(tables.rows.len());
        let Tables { classes, rows, width, starts } = tables;
        Some(Self { classes, rows, width, starts, preference })
    }

    /// How many of `bytes`, which stand behind `before`, it takes until nothing is matched that
    /// begins like this; `None` if something may be.
    pub(crate) fn rejects(&self, before: Option<u8>, bytes: &[u8]) -> Option<usize> {
        let mut state = self.starts[side_of(before)];
        let bytes = bytes.get(..BYTES_MAX).unwrap_or(bytes);
        for (index, byte) in bytes.iter().enumerate() {
            state = self.cell(state, usize::from(self.classes[usize::from(*byte)]));
            // One comparison for both: this byte is the last one that is looked at.
            if state.wrapping_sub(1) >= MATCH - 1 {
                return (state == DEAD).then_some(index + 1);
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
