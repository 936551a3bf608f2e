//! The machine that runs a program from one place on: it tries what the program prefers first, and
//! goes back to the next best where that fails, as Perl does. So the first match that it comes to
//! is the one that `regex` finds there.
//!
//! Where the bytes end before it is clear what matches, the ways that are still open are handed
//! out as [`Thread`]s, the preferred one first, and taken up again when there are more bytes. No
//! byte is looked at twice for that, and none need be kept.
//!
//! A way that was tried from one instruction and place is not tried again from there, once a run
//! has become long: so the time that it takes does not explode, whatever the pattern. Nor do later runs of
//! the same program try it again, if they are many and this one came to nothing.

mod known;

use self::known::{AllKnown, Known};
use crate::program::{Instr, Program, Repeat};
use crate::reel::{After, Reel};
use crate::steps::{count_match, count_steps};

/// An open way of a run, at the place where the bytes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) pc: u32,
    /// For a repeat, how many bytes it has; it must take one more. For a word list, see there.
    pub(crate) count: u32,
}

/// The count of a [`Thread`] that is no way: the run was at its instruction already where the bytes
/// ended. A way that takes nothing and comes there again goes on with what follows its repeat.
const WAS_HERE: u32 = u32::MAX;

/// What a run does when it comes to a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// It is the one.
    Stop,
    /// There may be another.
    GoOn,
}

/// Steps of a run from which on it remembers where it was.
const REMEMBER_AFTER: u32 = 256;

/// Steps of runs that came to nothing from which on the next one heeds where they were. Tests look at short
/// texts.
const SHARE_AFTER: u32 = if cfg!(test) { 8 } else { 1 << 10 };

/// What a machine needs to run, apart from the program; reused from run to run, all over the same bytes.
#[derive(Default)]
pub(crate) struct Machine {
    choices: Vec<Choice>,
    known: AllKnown,
}

/// What is left to try.
#[derive(Clone, Copy, Debug)]
enum Choice {
    At {
        pc: u32,
        at: usize,
    },
    /// A greedy repeat, followed by `pc` at any place from `high` down to `low`.
    Down {
        pc: u32,
        low: usize,
        high: usize,
    },
    /// A lazy repeat that takes one more.
    More {
        pc: u32,
        count: u32,
        at: usize,
    },
}

/// One run of a machine.
struct Run<'a, F> {
    program: &'a Program,
    reel: Reel<'a>,
    choices: &'a mut Vec<Choice>,
    known: &'a mut Known,
    steps: u32,
    /// Whether it heeds what is known of earlier ones from its beginning on.
    is_shared: bool,
    /// Whether it has come to a match, or to the end of the bytes.
    has_more: bool,
    open: &'a mut Vec<Thread>,
    matched: F,
}

impl Machine {
    /// Runs `program`, that of `entry`, over `reel` from `at` on: from its beginning, or where `threads` were.
    /// Ways that stay open are put into `open`, the ends of matches are given to `matched`.
    pub(crate) fn run(
        &mut self,
        (entry, program): (u32, &Program),
        (reel, at): (Reel<'_>, usize),
        threads: &[Thread],
        open: &mut Vec<Thread>,
        matched: impl FnMut(usize) -> Flow,
    ) {
        self.choices.clear();
        let Self { choices, known } = self;
        let known = known.of(entry);
        let is_shared = !program.may_spin && known.steps >= SHARE_AFTER;
        let steps = if is_shared || program.may_spin { REMEMBER_AFTER } else { 0 };
        let mut run =
            Run { program, reel, choices, known, steps, is_shared, has_more: false, open, matched };
        if threads.is_empty() {
            run.choices.push(Choice::At { pc: 0, at });
            run.explore();
        }
        for thread in threads {
            run.resume(*thread, at);
            if run.explore() == Flow::Stop {
                break;
            }
        }
        // Where one has been that came to nothing, no other one comes to anything: unless it was its own length
        // that kept it from it.
        let steps = run.steps - steps;
        match run.has_more || reel.limit < reel.edge {
            _ if program.may_spin => known.forget(),
            true => known.drop_new(),
            false => known.keep_new(steps),
        }
        if open.iter().all(|thread| thread.count == WAS_HERE) {
            open.clear();
        }
    }
}

impl<F: FnMut(usize) -> Flow> Run<'_, F> {
    /// Takes up a way that was open.
    fn resume(&mut self, Thread { pc, count }: Thread, at: usize) {
        match self.program.instr(pc) {
            _ if count == WAS_HERE => _ = self.was_here(pc, at),
            Instr::Repeat(repeat) if repeat.is_greedy => self.most(pc, repeat, count, at),
            Instr::Repeat(_) => self.choices.push(Choice::More { pc, count, at }),
            _ => self.choices.push(Choice::At { pc, at }),
        }
    }

    /// Tries what is left to try, until a match stops it.
    fn explore(&mut self) -> Flow {
        while let Some(choice) = self.choices.pop() {
            let flow = match choice {
                Choice::At { pc, at } => self.follow(pc, at),
                Choice::Down { pc, low, high } => self.go_down(pc, low, high),
                Choice::More { pc, count, at } => self.take_more(pc, count, at),
            };
            if flow == Flow::Stop {
                return Flow::Stop;
            }
        }
        Flow::GoOn
    }

    /// Leaves a way open, unless a preferred one is the same.
    fn leave_open(&mut self, pc: u32, count: u32) {
        let thread = Thread { pc, count };
        self.has_more = true;
        if !self.open.contains(&thread) {
            self.open.push(thread);
        }
    }

    /// Whether the machine has been here in this run; it need not go on then.
    fn was_here(&mut self, pc: u32, at: usize) -> bool {
        self.steps = self.steps.saturating_add(1);
        if self.steps <= REMEMBER_AFTER {
            return false;
        }
        let is_new = self.known.is_new(pc, at);
        if is_new && self.program.may_spin && self.reel.is_open(at) {
            self.open.push(Thread { pc, count: WAS_HERE });
        }
        !is_new
    }

    /// Follows the program from `pc` until it fails, stays open or matches.
    fn follow(&mut self, mut pc: u32, mut at: usize) -> Flow {
        loop {
            count_steps(1);
            match self.program.instr(pc) {
                Instr::Match => {
                    count_match();
                    self.has_more = true;
                    return (self.matched)(at);
                }
                Instr::Jump(to) => pc = to,
                Instr::Byte(_) => match self.take_literal(pc, at) {
                    Some(next) => (pc, at) = next,
                    None => return Flow::GoOn,
                },
                Instr::Set(set) => match self.take(pc, at) {
                    Some(found) if self.program.set(set).has(found) => {
                        (pc, at) = (pc + 1, at + 1);
                    }
                    _ => return Flow::GoOn,
                },
                Instr::Look(look) => match self.reel.holds(look, at) {
                    Some(true) => pc += 1,
                    Some(false) => return Flow::GoOn,
                    None => {
                        self.leave_open(pc, 0);
                        return Flow::GoOn;
                    }
                },
                Instr::Split(one, other) => {
                    if self.was_here(pc, at) {
                        return Flow::GoOn;
                    }
                    match (self.may_go(one, at), self.may_go(other, at)) {
                        (true, true) => {
                            self.choices.push(Choice::At { pc: other, at });
                            pc = one;
                        }
                        (true, false) => pc = one,
                        (false, true) => pc = other,
                        (false, false) => return Flow::GoOn,
                    }
                }
                Instr::Repeat(repeat) => {
                    if self.was_here(pc, at) {
                        return Flow::GoOn;
                    }
                    return self.repeat(pc, repeat, at);
                }
            }
        }
    }

    /// The byte at `at`, if a match may have it; the way stays open if it is not there yet.
    fn take(&mut self, pc: u32, at: usize) -> Option<u8> {
        if at >= self.reel.limit {
            return None;
        }
        let byte = self.reel.byte(at);
        if byte.is_none() && self.reel.after == After::Open {
            self.leave_open(pc, 0);
        }
        byte
    }

    /// Takes all bytes of the literal from `pc` on: what comes behind it, and where. The way stays
    /// open at the first that is not there yet.
    fn take_literal(&mut self, pc: u32, at: usize) -> Option<(u32, usize)> {
        let literal = self.program.literal(pc);
        let end = self.reel.edge.min(self.reel.limit).min(at + literal.len());
        let there = self.reel.bytes.get(at..end).unwrap_or_default();
        let behind = (pc + u32::try_from(there.len()).unwrap_or(0), at + there.len());
        if there == literal {
            count_steps(there.len().saturating_sub(1));
            return Some(behind);
        }
        if literal.starts_with(there) && behind.1 < self.reel.limit && self.reel.is_open(behind.1) {
            self.leave_open(behind.0, 0);
        }
        None
    }

    /// Whether the byte at `at` is one that can come next from `pc` on, as far as is known.
    fn may_go(&self, pc: u32, at: usize) -> bool {
        match self.reel.byte(at) {
            Some(byte) => self.program.first(pc).has(byte),
            None => true,
        }
    }

    /// A repeat from its beginning.
    fn repeat(&mut self, pc: u32, repeat: Repeat, at: usize) -> Flow {
        if repeat.is_greedy {
            // What stays open must take one more, so that to take none is for now.
            self.most_from(pc, repeat, 0, at, repeat.min);
            return Flow::GoOn;
        }
        if repeat.min == 0 {
            self.choices.push(Choice::More { pc, count: 0, at });
            return self.follow(pc + 1, at);
        }
        self.take_more(pc, 0, at)
    }

    /// A greedy repeat that has `count` and must take one more.
    fn most(&mut self, pc: u32, repeat: Repeat, count: u32, at: usize) {
        self.most_from(pc, repeat, count, at, repeat.min.max(count.saturating_add(1)));
    }

    /// Takes as many as there are; it may go on with `least` or more.
    fn most_from(&mut self, pc: u32, repeat: Repeat, count: u32, at: usize, least: u32) {
        let set = *self.program.set(repeat.set);
        let room = (repeat.max - count) as usize;
        let end = self.reel.edge.min(self.reel.limit).min(at.saturating_add(room));
        let run = self.reel.bytes.get(at..end).unwrap_or_default();
        let taken = run.iter().position(|byte| !set.has(*byte)).unwrap_or(run.len());
        count_steps(taken);
        let (to, total) = (at + taken, count.saturating_add(u32::try_from(taken).unwrap_or(0)));
        if self.reel.is_open(to) && to < self.reel.limit && total < repeat.max {
            // Of a repeat without end, more than the least number makes no difference.
            let counted = if repeat.max == u32::MAX { total.min(repeat.min) } else { total };
            self.leave_open(pc, counted);
        }
        if total >= least {
            let low = at + least.saturating_sub(count) as usize;
            self.choices.push(Choice::Down { pc: pc + 1, low, high: to });
        }
    }

    /// Goes on with `pc` at the last place that may do.
    fn go_down(&mut self, pc: u32, low: usize, mut high: usize) -> Flow {
        let first = self.program.first(pc);
        if self.reel.byte(high).is_some_and(|byte| !first.has(byte)) {
            let before = self.reel.bytes.get(low..high).unwrap_or_default();
            let Some(place) = before.iter().rposition(|byte| first.has(*byte)) else {
                count_steps(before.len());
                return Flow::GoOn;
            };
            count_steps(before.len() - place);
            high = low + place;
        }
        if high > low {
            self.choices.push(Choice::Down { pc, low, high: high - 1 });
        }
        self.follow(pc, high)
    }

    /// A lazy repeat takes one more, and others until what follows may do.
    fn take_more(&mut self, pc: u32, count: u32, at: usize) -> Flow {
        let Instr::Repeat(repeat) = self.program.instr(pc) else { return Flow::GoOn };
        let (set, next) = (*self.program.set(repeat.set), *self.program.first(pc + 1));
        let room = (repeat.max - count).min(number(self.reel.limit.saturating_sub(at)));
        let skipped = if self.is_shared { self.known.skip(pc, at, room) } else { 0 };
        let (mut count, mut at) = (count + skipped, at + skipped as usize);
        while count < repeat.max && at < self.reel.limit {
            let Some(byte) = self.reel.byte(at) else {
                if self.reel.after == After::Open {
                    let least = count.min(repeat.min);
                    self.leave_open(pc, if repeat.max == u32::MAX { least } else { count });
                }
                return Flow::GoOn;
            };
            if !set.has(byte) {
                return Flow::GoOn;
            }
            count_steps(1);
            (count, at) = (count.saturating_add(1), at + 1);
            if self.is_shared && count >= repeat.min {
                self.known.try_behind(pc, at);
            }
            if count >= repeat.min && self.reel.byte(at).is_none_or(|byte| next.has(byte)) {
                self.choices.push(Choice::More { pc, count, at });
                return self.follow(pc + 1, at);
            }
        }
        Flow::GoOn
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
