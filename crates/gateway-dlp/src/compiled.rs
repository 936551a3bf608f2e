//! One entry, ready to be looked for: by what it is noticed, and what then decides.

use std::ops::Range;
use std::sync::Arc;

use gateway_inspect::{Confidence, Entry};
use regex_syntax::hir::Hir;

use crate::anchor::{Lead, Literal, literals, split_lead, without_captures};
use crate::automaton::Room;
use crate::bytes::ByteSet;
use crate::fringe::{ANY_MAX, Unnoticed};
use crate::heads::{HEAD_MAX, heads};
use crate::machine::{Flow, Machine, Thread};
use crate::plan::{EntryPlan, Pattern, Preference};
use crate::program::Program;
use crate::reel::Reel;
use crate::runner::Runner;
use crate::sample::{BEFORE_MAX, Judgement, OnlyEnd, Test};
use crate::signs::Signs;
use crate::spotter::DEPTH;
use crate::streaks::Streaks;
use crate::takers::{SIDES, bytes_within, first_by_side, first_sets, side_of};
use crate::tokens::TOKEN;
use crate::words::WordSet;
use crate::{BuildError, Limits};

/// One entry.
pub(crate) struct Compiled {
    pub(crate) entry: Arc<Entry>,
    body: Body,
    preference: Preference,
    test: Test,
    /// Bytes of its longest match.
    pub(crate) match_bytes_max: u64,
    /// What stands before the place where its program begins, if that is not where matches start.
    pub(crate) lead: Option<Lead>,
    /// The bytes that its program may begin with, by what stands before.
    begin: [ByteSet; SIDES],
    /// Bytes from the place where its program begins, after which all places before are known at
    /// which it may begin.
    pub(crate) delay: usize,
    pub(crate) unnoticed: Unnoticed,
}

/// What decides.
enum Body {
    Program(Program, Runner),
    Words(WordSet),
}

/// A match that a candidate has come to; another may replace it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Best {
    pub(crate) end: u64,
    /// Bytes at its front that are not part of the finding.
    pub(crate) lead: u8,
    /// Bytes at its end that are none either.
    pub(crate) trail: u8,
    pub(crate) confidence: Confidence,
}

impl Best {
    /// Where the finding ends; another may begin there.
    pub(crate) const fn finding_end(&self) -> u64 {
        self.end.saturating_sub(self.trail as u64)
    }
}

/// A run of an entry: its bytes by index, and by position in the part.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// The index of the entry.
    pub(crate) entry: u32,
    pub(crate) reel: Reel<'a>,
    /// The position of the first byte of the reel.
    pub(crate) base: u64,
    /// Where the match starts.
    pub(crate) start: u64,
    /// The index from which on it goes on.
    pub(crate) at: usize,
}

impl Compiled {
    pub(crate) fn new(
        plan: EntryPlan,
        limits: &Limits,
        room: &mut Room,
    ) -> Result<(Self, Signs), BuildError> {
        let EntryPlan { entry, pattern, preference, match_bytes_max, test, .. } = plan;
        let (body, signs, lead) = match pattern {
            Pattern::Words(words) => {
                let words = WordSet::new(&words);
                let signs = Signs::of_words(&words);
                (Body::Words(words), signs, None)
            }
            Pattern::Regex(hir) => {
                let too_large = |_| BuildError::TooLarge {
                    entry: entry.id.to_string(),
                    automaton_bytes_max: limits.automaton_bytes_max,
                };
                let hir = without_captures(&hir);
                let led = led(&hir, test, match_bytes_max);
                let (lead, hir, found) = match led {
                    Some((lead, rest, found)) => (Some(lead), rest, Some(found)),
                    None => (None, hir.clone(), literals(&hir)),
                };
                let program = Program::new(&hir, limits.automaton_bytes_max).map_err(too_large)?;
                let len = hir.properties().minimum_len().unwrap_or(1).clamp(1, HEAD_MAX);
                let signs = match found {
                    Some(literals) if lead.is_some() => Signs::of_literals(literals),
                    Some(literals) => Signs::rarer(literals, &program, len),
                    None => Signs::Heads(heads(&program, len)),
                };
                let runner = Runner::new(&program, preference, room);
                (Body::Program(program, runner), signs.marked(&hir), lead)
            }
        };
        let delay = signs.delay();
        let (begin, unnoticed) = (body.begin(), body.unnoticed(&signs));
        let match_bytes_max = match_bytes_max as u64;
        let this =
            Self { entry, body, preference, test, match_bytes_max, lead, begin, delay, unnoticed };
        Ok((this, signs))
    }

    /// The bytes one of which stands before the place where its program begins, if a lead must.
    pub(crate) fn led_by(&self) -> Option<ByteSet> {
        self.lead.as_ref().filter(|lead| lead.min > 0).map(|lead| lead.set)
    }

    /// The bytes that its program may begin with, by what stands before.
    pub(crate) const fn first_by_side(&self) -> [ByteSet; SIDES] {
        self.begin
    }

    /// Bytes that a judge wants to see again.
    pub(crate) fn judged_bytes(&self) -> usize {
        let longest = usize::try_from(self.match_bytes_max).unwrap_or(usize::MAX);
        if self.test.is_judge() { longest.saturating_add(self.test.reach()) } else { 0 }
    }

    /// Whether what is found at these places of `bytes` was found although its check digits are wrong.
    pub(crate) fn fails_checks(&self, bytes: &[u8], start: usize, end: usize) -> bool {
        self.test.fails_checks(bytes, start, end)
    }

    pub(crate) fn memory_usage(&self) -> usize {
        match &self.body {
            Body::Program(program, runner) => program.memory_usage() + runner.memory_usage(),
            Body::Words(words) => words.memory_usage(),
        }
    }

    /// The sets of the bytes that stand at the first places behind the lead.
    pub(crate) fn first_sets(&self) -> Vec<ByteSet> {
        self.body.first_sets(DEPTH)
    }

    /// Whether something may be found that begins at the index `at`, as far as the byte there and
    /// those before it tell.
    pub(crate) fn may_begin(&self, bytes: &[u8], at: usize) -> bool {
        let Some(first) = bytes.get(at) else { return false };
        let before = bytes.get(at.saturating_sub(BEFORE_MAX)..at).unwrap_or_default();
        self.begin[side_of(before.last().copied())].has(*first) && !self.test.is_end(before, *first)
    }

    /// How many bytes from the index `at` on it takes until nothing that its program matches begins
    /// like this; `None` if something may.
    pub(crate) fn rejects(&self, bytes: &[u8], at: usize) -> Option<usize> {
        self.rejects_among(bytes, at, (0, &mut Streaks::default()))
    }

    /// The same, where many places are asked for; `streaks` are those of these bytes, and this is `entry`.
    pub(crate) fn rejects_among(
        &self,
        bytes: &[u8],
        at: usize,
        (entry, streaks): (u32, &mut Streaks),
    ) -> Option<usize> {
        match &self.body {
            Body::Program(_, runner) => runner.rejects(bytes, at, self.delay, (entry, streaks)),
            Body::Words(_) => None,
        }
    }

    /// Whether nothing can come any more of what was open between these `places`, the first of which is where
    /// its program begins, as far as `bytes` tell at one look for each.
    pub(crate) fn gives_up(
        &self,
        bytes: &[u8],
        places: Range<usize>,
        (entry, streaks): (u32, &mut Streaks),
    ) -> bool {
        match &self.body {
            Body::Program(_, runner) => runner.gives_up(bytes, places, (entry, streaks)),
            Body::Words(_) => false,
        }
    }

    /// The index at which a match starts whose program begins at `at`: the first of the bytes of
    /// the lead, at `lowest` or behind. `None` if the lead does not stand there.
    pub(crate) fn start(&self, reel: &Reel<'_>, at: usize, lowest: usize) -> Option<usize> {
        match &self.lead {
            None => (at >= lowest).then_some(at),
            Some(lead) => lead.start(reel, at, lowest, lead.min as usize),
        }
    }

    /// Goes on with an attempt: from its beginning, or where `threads` were. What stays open is
    /// put into `open`; a match becomes the `best`.
    pub(crate) fn attempt(
        &self,
        machine: &mut Machine,
        attempt: Attempt<'_>,
        threads: &[Thread],
        open: &mut Vec<Thread>,
        best: &mut Option<Best>,
    ) {
        let Attempt { entry, reel, base, start, at } = attempt;
        let first = index_of(base, start);
        let only =
            match self.test.only_end(reel.bytes.get(..reel.edge).unwrap_or(reel.bytes), first) {
                OnlyEnd::Nowhere => return,
                OnlyEnd::At(end) => Some(end),
                OnlyEnd::Any => None,
            };
        let matched = |end: usize| {
            if only.is_some_and(|only| only != end) {
                return Flow::GoOn;
            }
            let position = base + end as u64;
            if best.is_some_and(|best| best.end >= position)
                && self.preference == Preference::Longest
            {
                return Flow::GoOn;
            }
            let Some(judgement) = self.judge(&attempt, start, end) else { return Flow::GoOn };
            let byte = |len| u8::try_from(len).unwrap_or(0);
            let (lead, trail) = (byte(judgement.lead), byte(judgement.trail));
            *best = Some(Best { end: position, lead, trail, confidence: judgement.confidence });
            match self.preference {
                Preference::First => Flow::Stop,
                Preference::Longest => Flow::GoOn,
            }
        };
        match &self.body {
            Body::Program(program, runner) => {
                runner.run(machine, (entry, program), (reel, at), threads, open, matched);
            }
            Body::Words(words) => words.run(reel, at, threads, open, matched),
        }
    }

    fn judge(&self, attempt: &Attempt<'_>, start: u64, end: usize) -> Option<Judgement> {
        if let Test::Pattern(confidence) = self.test {
            return Judgement::whole(confidence);
        }
        let bytes = attempt.reel.bytes;
        let start = index_of(attempt.base, start);
        match start.filter(|start| *start <= end && end <= bytes.len()) {
            Some(start) => self.test.judge(bytes, start, end),
            // The window holds less than the contract says: rather one too many than none.
            None => Judgement::whole(Confidence::Low),
        }
    }
}

/// The index of a position, where the bytes that are there begin at `base`.
fn index_of(base: u64, position: u64) -> Option<usize> {
    position.checked_sub(base).and_then(|at| usize::try_from(at).ok())
}

impl Body {
    fn first_sets(&self, depth: usize) -> Vec<ByteSet> {
        match self {
            Self::Program(program, _) => first_sets(program, depth),
            Self::Words(words) => words.first_sets(depth),
        }
    }

    /// What is known of a match that is noticed by `signs`.
    fn unnoticed(&self, signs: &Signs) -> Unnoticed {
        let literals = match signs {
            Signs::Literals { literals, marks } if marks.is_empty() => literals,
            // Their first bytes are noticed.
            Signs::Literals { .. } | Signs::Heads(_) => return Unnoticed::NOTHING,
            Signs::Tokens(..) => return Unnoticed { before: self.bytes_within(TOKEN), any: 0 },
        };
        let between = literals.iter().fold(ByteSet::EMPTY, |all, one| all.union(one.between));
        // Where the distance does not vary, it is known how many bytes there are.
        let fixed = literals.iter().filter(|one| one.near == one.far);
        let gap = fixed.map(|one| one.far - one.bytes.len() - one.any).max().unwrap_or(0);
        let before = between.union(self.bytes_within(gap));
        match literals.iter().map(|one| one.any).max().unwrap_or(0) {
            any @ 0..=ANY_MAX => Unnoticed { before, any },
            _ => Unnoticed { before: ByteSet::ALL, any: 0 },
        }
    }

    /// The bytes that may be among the first `len`.
    fn bytes_within(&self, len: usize) -> ByteSet {
        match self {
            Self::Program(program, _) => bytes_within(program, len),
            Self::Words(words) => {
                words.first_sets(len).into_iter().fold(ByteSet::EMPTY, ByteSet::union)
            }
        }
    }

    /// The bytes that its matches may begin with, by what stands before.
    fn begin(&self) -> [ByteSet; SIDES] {
        match self {
            Self::Program(program, _) => first_by_side(program),
            Self::Words(words) => {
                let first = words.first_sets(1).first().copied().unwrap_or(ByteSet::ALL);
                let mut begin = [first; SIDES];
                if !words.may_follow(Some(b'a')) {
                    begin[side_of(Some(b'a'))] = ByteSet::EMPTY;
                }
                begin
            }
        }
    }
}

/// Bytes of a match from which on it does not matter that a lead makes it longer: where the leftmost
/// match were too long for that, a later start is not tried.
const LED_MIN: usize = 2_048;

/// A pattern as a lead, the rest, and the literals of the rest, if it is noticed best by them.
fn led(hir: &Hir, test: Test, match_bytes_max: usize) -> Option<(Lead, Hir, Vec<Literal>)> {
    if test.is_judge() {
        return None;
    }
    let (lead, rest) = split_lead(hir)?;
    let fits = match hir.properties().maximum_len() {
        Some(longest) => longest <= match_bytes_max,
        None => match_bytes_max >= LED_MIN,
    };
    let found = literals(&rest).filter(|_| fits)?;
    Some((lead, rest, found))
}
