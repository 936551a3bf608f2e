//! What is known of the runs of programs that came to nothing: where they have been, and so where no other run
//! of the same program comes to anything.

/// Programs whose runs are known of at once.
const PROGRAMS_MAX: usize = 4;

/// Lazy repeats of one program of which it is known where they were left in vain.
const REPEATS_MAX: usize = 4;

/// What is known of the runs of all programs, over the same bytes.
#[derive(Default)]
pub(super) struct AllKnown {
    /// None at all until one is run.
    all: Vec<Known>,
    /// Which one is forgotten next.
    turn: usize,
}

impl AllKnown {
    /// What is known of the runs of `entry`, in place of those of another one if need be.
    pub(super) fn of(&mut self, entry: u32) -> &mut Known {
        let Self { all, turn } = self;
        let index = all.iter().position(|known| known.entry == entry).unwrap_or_else(|| {
            if all.len() < PROGRAMS_MAX {
                all.push(Known { entry, ..Known::default() });
                return all.len() - 1;
            }
            *turn = (*turn + 1) % PROGRAMS_MAX;
            all[*turn].forget();
            all[*turn].entry = entry;
            *turn
        });
        &mut all[index]
    }
}

/// What is known of the runs of one program, all of which came to nothing but for the last one, if that is
/// still under way.
#[derive(Default)]
pub(super) struct Known {
    /// The entry that has the program, by index.
    entry: u32,
    /// Steps of those that came to nothing.
    pub(super) steps: u32,
    seen: Seen,
    /// Those of the run that is under way.
    new_seen: Vec<u64>,
    /// By repeat.
    tried: Vec<Tried>,
    /// Those of the run that is under way.
    new_tried: Vec<Tried>,
}

/// Places, one behind the other, up to each of which a lazy repeat has taken the bytes between them, and from
/// where what follows it was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tried {
    /// The instruction.
    pc: u32,
    from: usize,
    to: usize,
}

impl Known {
    /// Whether no run has been at this instruction and place; one has from now on.
    pub(super) fn is_new(&mut self, pc: u32, at: usize) -> bool {
        let key = u64::from(pc) << 32 | (at as u64 + 1) & 0xFFFF_FFFF;
        let is_new = self.seen.insert(key);
        if is_new {
            self.new_seen.push(key);
        }
        is_new
    }

    /// How many bytes the repeat `pc` may take from `at` on, `max` at the most, behind none of which what follows
    /// it comes to anything.
    pub(super) fn skip(&self, pc: u32, at: usize, max: u32) -> u32 {
        let tried = self.tried.iter().find(|tried| tried.pc == pc);
        let tried = tried.filter(|tried| (tried.from..tried.to).contains(&at));
        tried.map_or(0, |tried| u32::try_from(tried.to - at).map_or(max, |bytes| bytes.min(max)))
    }

    /// The run under way tries what follows the repeat `pc` at `at`, up to which it has taken all bytes.
    pub(super) fn try_behind(&mut self, pc: u32, at: usize) {
        let next = Tried { pc, from: at, to: at };
        let has_room = self.new_tried.len() < REPEATS_MAX;
        match self.new_tried.iter_mut().find(|tried| tried.pc == pc) {
            Some(tried) if tried.to + 1 == at => tried.to = at,
            Some(tried) if (tried.from..=tried.to).contains(&at) => {}
            Some(tried) => *tried = next,
            None if has_room => self.new_tried.push(next),
            None => {}
        }
    }

    /// The run under way came to nothing, after so many steps.
    pub(super) fn keep_new(&mut self, steps: u32) {
        if self.seen.len > SEEN_KEPT {
            self.clear();
        }
        self.new_seen.clear();
        self.steps = self.steps.saturating_add(steps);
        for new in self.new_tried.drain(..) {
            let has_room = self.tried.len() < REPEATS_MAX;
            match self.tried.iter_mut().find(|tried| tried.pc == new.pc) {
                Some(old) if old.from <= new.to + 1 && new.from <= old.to + 1 => {
                    (old.from, old.to) = (old.from.min(new.from), old.to.max(new.to));
                }
                Some(old) => *old = new,
                None if has_room => self.tried.push(new),
                None => {}
            }
        }
    }

    /// The run under way has come to something, or may.
    pub(super) fn drop_new(&mut self) {
        self.new_seen.drain(..).for_each(|key| self.seen.remove(key));
        self.new_tried.clear();
    }

    /// Forgets all runs.
    pub(super) fn forget(&mut self) {
        self.steps = 0;
        self.clear();
    }

    fn clear(&mut self) {
        self.seen.clear();
        self.new_seen.clear();
        self.tried.clear();
        self.new_tried.clear();
    }
}

/// Slots that are kept from run to run where what is in them is not.
const SLOTS_KEPT: usize = 1 << 10;

/// Instructions and places that are kept at most.
const SEEN_KEPT: usize = 1 << 12;

/// What stands in place of one that was taken out: no instruction has this number.
const GONE: u64 = u64::MAX;

/// Which instructions a run has been at, and where: an open hash table.
#[derive(Default)]
struct Seen {
    /// Instruction and place; 0 is none.
    slots: Vec<u64>,
    len: usize,
}

impl Seen {
    fn clear(&mut self) {
        if self.len == 0 {
            return;
        }
        // The next run may need as much, but to clear much takes time.
        if self.slots.len() > SLOTS_KEPT {
            self.slots = Vec::new();
        }
        self.slots.fill(0);
        self.len = 0;
    }

    /// Puts one in; whether it was not there.
    fn insert(&mut self, key: u64) -> bool {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        let new = self.place(key);
        self.len += usize::from(new);
        new
    }

    /// Takes one out. Its slot is not free: what was put in behind it must still be found.
    fn remove(&mut self, key: u64) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut index = slot(key) & mask;
        while let Some(slot) = self.slots.get_mut(index).filter(|slot| **slot != 0) {
            if *slot == key {
                *slot = GONE;
                return;
            }
            index = (index + 1) & mask;
        }
    }

    fn place(&mut self, key: u64) -> bool {
        let mask = self.slots.len().wrapping_sub(1);
        let mut index = slot(key) & mask;
        while let Some(slot) = self.slots.get_mut(index) {
            if *slot == key {
                return false;
            }
            if *slot == 0 {
                *slot = key;
                return true;
            }
            index = (index + 1) & mask;
        }
        true
    }

    /// Makes room for more, as those that were taken out need none.
    fn grow(&mut self) {
        let mut keys = std::mem::take(&mut self.slots);
        keys.retain(|key| ![0, GONE].contains(key));
        self.slots = vec![0; (4 * keys.len()).next_power_of_two().max(SLOTS_KEPT)];
        self.len = keys.len();
        for key in keys {
            self.place(key);
        }
    }
}

/// Where the search for a key begins.
fn slot(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::machine::{Flow, Machine, Thread};
    use crate::pattern;
    use crate::program::Program;
    use crate::reel::{After, Reel};
    use crate::steps::STEPS;

    fn program(regex: &str) -> Option<Program> {
        let hir = pattern::regex("r", regex).ok()?;
        Program::new(&crate::anchor::without_captures(&hir), 1 << 20).ok()
    }

    /// The ends of matches from `at` on, and what stays open at `edge`.
    fn run(
        machine: &mut Machine,
        program: &Program,
        bytes: &[u8],
        (at, edge): (usize, usize),
        longest: usize,
    ) -> (Vec<usize>, Vec<Thread>) {
        let reel = Reel { bytes, edge, limit: at + longest, after: After::Open };
        let (mut open, mut ends) = (Vec::new(), Vec::new());
        machine.run((3, program), (reel, at), &[], &mut open, |end| {
            ends.push(end);
            if ends.len() == 2 { Flow::Stop } else { Flow::GoOn }
        });
        (ends, open)
    }

    #[test]
    fn many_runs_in_vain_take_little() {
        let program = program(r"(?s)data:.{0,100}?\s+\w+:[a-z0-9]{10}").unwrap();
        let bytes = b"data: ".repeat(500);
        let steps_of = |machine: &mut dyn FnMut(usize)| {
            let before = STEPS.get();
            (0..300).map(|place| 6 * place).for_each(machine);
            STEPS.get() - before
        };
        let mut one = Machine::default();
        let run =
            |machine: &mut _, at| _ = run(machine, &program, &bytes, (at, bytes.len()), 4_096);
        let shared = steps_of(&mut |at| run(&mut one, at));
        let apart = steps_of(&mut |at| run(&mut Machine::default(), at));
        assert!(shared < 300 * 50 && 4 * shared < apart, "{shared} {apart}");
    }

    proptest! {
        #[test]
        fn what_is_known_of_other_runs_changes_nothing(
            regex in r"a[ab: ]\{0,(9|40)\}[?]?( +|[ab]\*)(b\?|\\b)[ab]\+[?]?:( \{1,3\}|[a:]\*[?]?)b\{2,9\}(c|[$])",
            text in "[ab: ]{1,30}c?",
            turns in 20_usize..60,
            block in 30_usize..300,
            longest in 20_usize..900,
        ) {
            let Some(program) = program(&regex) else { return Ok(()) };
            let text = text.repeat(turns);
            let bytes = text.as_bytes();
            let mut machine = Machine::default();
            for at in 0..bytes.len() {
                let edge = bytes.len().min((at / block + 1) * block);
                let shared = run(&mut machine, &program, bytes, (at, edge), longest);
                let alone = run(&mut Machine::default(), &program, bytes, (at, edge), longest);
                prop_assert_eq!(shared, alone, "{} {:?} {}", regex, text, at);
            }
        }
    }
}
