//! The carried state of one part: which candidates are open, and the walk that opens, advances and
//! settles them.
//!
//! The walk is a function of the bytes alone. At each byte, in this order: every open candidate
//! takes it; then the place [`LAG`] bytes before it, whose first bytes are now known, goes through
//! the sieve, and what passes becomes a candidate that catches up. (The sieve runs ahead to its
//! next hit, so that bytes without a candidate cost no more than that.) Chunks do not show in it:
//! where a chunk ends, the walk stops, and the few places that the sieve has not seen yet are
//! looked at for clearance alone.
//!
//! Why it finds what a search of the whole part finds, entry by entry:
//! * Candidates stand in the order of their starts, so the first that comes to an end with a match
//!   is the leftmost.
//! * When a candidate has a match, later candidates that began before its end can be dropped at
//!   once: either that match is found, or an earlier one is that ends behind all of them.
//! * Of two candidates in the same state and without a match the later one can be dropped: if one
//!   matches both do, and the earlier one is found. (Not where a judge looks at the bytes: those
//!   entries have short matches.) This bounds their number by that of the states.

use std::ops::RangeInclusive;
use std::sync::Arc;

use gateway_inspect::{Finding, Findings, Offset, PartId, Span, Window};

use crate::candidate::{Best, Candidate, View, twin};
use crate::dlp::{Compiled, Engine};
use crate::shape::DEPTH;
use crate::sieve::Hit;

/// Bytes by which the sieve is behind: it needs to see the first [`DEPTH`] bytes of a place.
const LAG: usize = DEPTH - 1;

/// Open candidates from which on equal ones are looked for among all; a new one is always compared.
const MERGE_MIN: usize = 16;

/// Open candidates whose memory is kept when none is open.
const KEEP_MAX: usize = 16;

/// What is carried from chunk to chunk.
pub(crate) struct Matcher {
    /// Open candidates, in the order of their starts.
    open: Vec<Candidate>,
    /// By entry.
    lanes: Box<[Lane]>,
    /// What overlong candidates leave behind, until the walk is through them.
    left: Vec<Candidate>,
    /// The buckets of the sieve that hold a wanted entry.
    buckets: u64,
    /// Open candidates from which on equal ones are looked for.
    merge_at: usize,
    /// Passes that were made over the open candidates.
    pass: u64,
    /// The KiB of the part in which `steps` were made.
    kib: u64,
    steps: u32,
    /// Whether more steps or candidates were needed than are allowed.
    exceeded: bool,
    found: bool,
}

/// What is known of one entry. Positions are absolute; passes over the open candidates are
/// numbered from 1 on.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    wanted: bool,
    /// Places before this one need no candidate: it has one, or it lies in a match.
    next_start: u64,
    /// Where its last match ends.
    matched_to: u64,
    /// The last pass that has come to a match: later candidates are dropped in it.
    matched_in: u64,
    /// The last pass that has left a candidate open.
    open_in: u64,
}

/// What the walk works with.
pub(crate) struct Walk<'a, 'f> {
    pub(crate) engine: &'a Engine,
    pub(crate) part: PartId,
    pub(crate) found: &'f mut Findings,
}

impl Matcher {
    pub(crate) fn new(engine: &Engine, wanted: impl Iterator<Item = bool>) -> Self {
        let lanes: Box<[Lane]> = wanted.map(|wanted| Lane { wanted, ..Lane::default() }).collect();
        let buckets =
            engine.sieve.buckets(|entry| lanes.get(entry).is_some_and(|lane| lane.wanted));
        Self {
            open: Vec::new(),
            lanes,
            left: Vec::new(),
            buckets,
            merge_at: MERGE_MIN,
            pass: 0,
            kib: 0,
            steps: 0,
            exceeded: false,
            found: false,
        }
    }

    /// Whether more work was needed than is allowed; nothing more is found then.
    pub(crate) const fn is_exceeded(&self) -> bool {
        self.exceeded
    }

    /// Whether anything was found.
    pub(crate) const fn has_found(&self) -> bool {
        self.found
    }

    /// Bytes that it may hold on the heap.
    pub(crate) fn memory_max(engine: &Engine) -> usize {
        let entries = engine.entries.len();
        // Each place may open one more candidate of every entry before they are counted.
        let open = (engine.limits.candidates_max + entries + 1).next_power_of_two();
        let left = entries.next_power_of_two().max(4);
        (open + left) * size_of::<Candidate>() + entries * size_of::<Lane>()
    }

    /// Takes the fresh bytes of `window`, and says how far it is cleared.
    pub(crate) fn push(&mut self, walk: &mut Walk<'_, '_>, window: Window<'_>) -> Offset {
        let view = View { bytes: window.bytes(), base: window.start().as_u64() };
        let mut index = view.bytes.len() - window.fresh().len();
        let mut place = index.saturating_sub(LAG);
        while !self.exceeded {
            let Some(hit) = self.next_hit(walk, &view, place) else { break };
            self.run(walk, &view, index..=hit.at + LAG);
            self.open_at(walk, &view, hit, hit.at + LAG);
            place = hit.at + 1;
            index = place + LAG;
        }
        self.run(walk, &view, index..=view.bytes.len());
        self.clear_to(walk, &view)
    }

    /// The part ends behind `tail`.
    pub(crate) fn finish(&mut self, walk: &mut Walk<'_, '_>, tail: Window<'_>) {
        let view = View { bytes: tail.bytes(), base: tail.start().as_u64() };
        let end = view.bytes.len();
        for at in end.saturating_sub(LAG)..end {
            let buckets = self.test(walk, &view, at);
            self.open_at(walk, &view, Hit { at, buckets }, end - 1);
        }
        for candidate in &mut self.open {
            if let Some(compiled) = walk.engine.entries.get(candidate.entry) {
                candidate.state = compiled.automaton.end(candidate.state).over();
            }
        }
        self.settle(walk, &view, view.base + end as u64);
    }

    /// The first place from `place` on, all of whose bytes that the sieve tests are there, at which
    /// something may begin.
    fn next_hit(&self, walk: &Walk<'_, '_>, view: &View<'_>, place: usize) -> Option<Hit> {
        // The place without a byte before it is not what the fast search is made for.
        if place == 0 && view.bytes.len() > LAG {
            let buckets = self.test(walk, view, 0);
            if buckets != 0 {
                return Some(Hit { at: 0, buckets });
            }
        }
        walk.engine.sieve.find(view.bytes, place.max(1), self.buckets)
    }

    /// Every open candidate takes the bytes at these indices, as far as there are any.
    fn run(&mut self, walk: &mut Walk<'_, '_>, view: &View<'_>, indices: RangeInclusive<usize>) {
        let first = view.base + *indices.start() as u64;
        let through = (*indices.end()).min(view.bytes.len().saturating_sub(1));
        let bytes = view.bytes.get(*indices.start()..=through).unwrap_or_default();
        for (at, byte) in (first..).zip(bytes) {
            if self.open.is_empty() || self.exceeded {
                return;
            }
            self.charge(walk.engine, at, self.open.len());
            let mut is_due = false;
            for candidate in &mut self.open {
                if let Some(compiled) = walk.engine.entries.get(candidate.entry) {
                    candidate.state = compiled.automaton.next(candidate.state, *byte);
                    is_due |= candidate.is_due(at);
                }
            }
            if is_due {
                self.settle(walk, view, at);
            }
        }
    }

    /// Settles what the states of the open candidates say, with the byte at `at` taken or the end
    /// of the part there.
    fn settle(&mut self, walk: &mut Walk<'_, '_>, view: &View<'_>, at: u64) {
        self.settle_once(walk, view, at);
        while let Some(candidate) = self.left.pop() {
            // What an overlong candidate stood for comes too late if it began in a match.
            let lane = self.lanes.get(candidate.entry);
            if lane.is_some_and(|lane| candidate.start >= lane.matched_to) {
                let place = self.open.partition_point(|other| other.start < candidate.start);
                self.open.insert(place, candidate);
                self.settle_once(walk, view, at);
            }
        }
        if self.open.is_empty() {
            self.merge_at = MERGE_MIN;
            if self.open.capacity() > KEEP_MAX {
                self.open = Vec::new();
            }
        }
    }

    /// One pass of [`settle`](Self::settle), from the first start to the last.
    fn settle_once(&mut self, walk: &mut Walk<'_, '_>, view: &View<'_>, at: u64) {
        self.pass += 1;
        let Self { open, lanes, left, found, pass, .. } = self;
        open.retain_mut(|candidate| {
            let (Some(lane), Some(compiled)) =
                (lanes.get_mut(candidate.entry), walk.engine.entries.get(candidate.entry))
            else {
                return false;
            };
            if lane.matched_in == *pass {
                return false;
            }
            if candidate.is_due(at) {
                if let Some(end) = candidate.settle(compiled, at, view) {
                    lane.matched(end, *pass);
                }
                if candidate.is_overlong(at) {
                    candidate.runs = false;
                    left.extend(candidate.leave(compiled));
                }
            }
            let is_open = candidate.runs || (candidate.best.is_some() && lane.open_in == *pass);
            if is_open {
                lane.open_in = *pass;
            } else if let Some(best) = candidate.best {
                *found = true;
                walk.report(compiled, candidate.start, best);
            }
            is_open
        });
    }

    /// Opens what is wanted of the buckets of `hit`, and lets it take what follows, up to and with
    /// the byte at the index `through`.
    fn open_at(&mut self, walk: &mut Walk<'_, '_>, view: &View<'_>, hit: Hit, through: usize) {
        let start = view.base + hit.at as u64;
        let bytes = view.bytes.get(hit.at..=through).unwrap_or_default();
        let engine = walk.engine;
        for entry in engine.sieve.entries(hit.buckets) {
            let (Some(lane), Some(compiled)) =
                (self.lanes.get_mut(entry), engine.entries.get(entry))
            else {
                continue;
            };
            if !lane.wanted || start < lane.next_start {
                continue;
            }
            lane.next_start = start + 1;
            let automaton = &compiled.automaton;
            let state = automaton.start(view.before(hit.at));
            let mut candidate = Candidate::new(entry, compiled, start, state);
            for (at, byte) in (start..).zip(bytes) {
                candidate.state = automaton.next(candidate.state, *byte);
                if candidate.is_due(at) {
                    if let Some(end) = candidate.settle(compiled, at, view) {
                        lane.matched(end, 0);
                    }
                    candidate.runs &= !candidate.is_overlong(at);
                    if !candidate.runs {
                        break;
                    }
                }
            }
            self.charge(engine, view.base + through as u64, bytes.len());
            self.add(walk, compiled, candidate);
        }
    }

    /// Adds a new candidate, unless an open one stands for it or it has come to its end.
    fn add(&mut self, walk: &mut Walk<'_, '_>, compiled: &Compiled, candidate: Candidate) {
        if !candidate.runs {
            let Some(best) = candidate.best else { return };
            if !self.open.iter().any(|other| other.entry == candidate.entry) {
                self.found = true;
                walk.report(compiled, candidate.start, best);
                return;
            }
        }
        if let Some(twin) = twin(&mut self.open, &candidate, &walk.engine.entries) {
            twin.youngest = candidate.youngest;
            return;
        }
        self.open.push(candidate);
        let limits = &walk.engine.limits;
        if self.open.len() >= self.merge_at.min(limits.candidates_max) {
            self.merge(walk.engine);
        }
        self.exceeded |= self.open.len() > limits.candidates_max;
    }

    /// Drops candidates that earlier ones stand for.
    fn merge(&mut self, engine: &Engine) {
        let mut kept = 0;
        for index in 0..self.open.len() {
            let (before, rest) = self.open.split_at_mut(index);
            let Some(candidate) = rest.first().copied() else { break };
            let before = before.get_mut(..kept).unwrap_or_default();
            match twin(before, &candidate, &engine.entries) {
                Some(twin) => twin.youngest = twin.youngest.max(candidate.youngest),
                None => {
                    self.open.swap(kept, index);
                    kept += 1;
                }
            }
        }
        self.open.truncate(kept);
        self.merge_at = (2 * kept).max(MERGE_MIN);
    }

    /// Counts steps that the byte at `at` has taken.
    fn charge(&mut self, engine: &Engine, at: u64, steps: usize) {
        let kib = at >> 10;
        if kib != self.kib {
            (self.kib, self.steps) = (kib, 0);
        }
        self.steps = self.steps.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        self.exceeded |= self.steps > engine.limits.steps_per_kib_max;
    }

    /// The wanted buckets that may begin at the index `at`.
    fn test(&self, walk: &Walk<'_, '_>, view: &View<'_>, at: usize) -> u64 {
        let bytes = view.bytes.get(at..).unwrap_or_default();
        walk.engine.sieve.test(view.before(at), bytes) & self.buckets
    }

    /// The start of the first candidate: open, or at one of the places at the end that the sieve
    /// has not seen in full. The end of the bytes if there is none.
    fn clear_to(&self, walk: &Walk<'_, '_>, view: &View<'_>) -> Offset {
        if let Some(first) = self.open.first() {
            return Offset::new(first.start);
        }
        let end = view.bytes.len();
        let begins = |at: &usize| {
            let buckets = self.test(walk, view, *at);
            walk.engine.sieve.entries(buckets).any(|entry| self.may_begin(walk, view, *at, entry))
        };
        let first = (end.saturating_sub(LAG)..end).find(begins).unwrap_or(end);
        Offset::new(view.base + first as u64)
    }

    /// Whether what stands from `at` to the end of the bytes is, or begins, a match of `entry`.
    fn may_begin(&self, walk: &Walk<'_, '_>, view: &View<'_>, at: usize, entry: usize) -> bool {
        let (Some(lane), Some(compiled)) = (self.lanes.get(entry), walk.engine.entries.get(entry))
        else {
            return false;
        };
        let automaton = &compiled.automaton;
        let mut state = automaton.start(view.before(at));
        for byte in view.bytes.get(at..).unwrap_or_default() {
            state = automaton.next(state, *byte);
            if state.is_dead() {
                return false;
            }
            if state.is_special() {
                break;
            }
        }
        lane.wanted && view.base + at as u64 >= lane.next_start
    }
}

impl Lane {
    fn matched(&mut self, end: u64, pass: u64) {
        self.next_start = self.next_start.max(end);
        self.matched_to = self.matched_to.max(end);
        self.matched_in = pass;
    }
}

impl Walk<'_, '_> {
    fn report(&mut self, compiled: &Compiled, start: u64, best: Best) {
        let start = start + u64::from(best.lead);
        let span = Span::new(Offset::new(start), Offset::new(best.end));
        let entry = Arc::clone(&compiled.entry);
        self.found.push(Finding::content(entry, self.part, span, best.confidence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{regexes, scan};
    use crate::{Dlp, Limits};
    use gateway_inspect::{Outcome, Unscannable};

    fn dlp(pattern: &str, candidates_max: usize) -> Dlp {
        let steps_per_kib_max = u32::MAX;
        let limits = Limits { candidates_max, steps_per_kib_max, ..Limits::default() };
        regexes(&[pattern]).build(&limits).unwrap()
    }

    /// Thirty candidates in thirty states, which one byte leads to the same state.
    #[test]
    fn candidates_that_become_equal_count_once() {
        let dlp = dlp("[ab]{1,30}c+[abc]*d", 40);
        let text = b"ababababab".repeat(3);
        let text = [&text[..], b"cc", &text, b"cc", &text, b"cd!"].concat();
        let scan = scan(&dlp, &text, &[]);
        assert_eq!((scan.found.len(), scan.outcome), (1, Outcome::Found));
    }

    #[test]
    fn memory_stays_as_declared() {
        let exceeded = Outcome::Unscannable(Unscannable::WorkExceeded);
        for (pattern, candidates_max, outcome) in [
            ("[ab]{1,200}c", 256, Outcome::Clean),
            ("[ab]{1,200}c", 100, exceeded),
            ("a[^c]*c|b", 256, exceeded),
        ] {
            let dlp = dlp(pattern, candidates_max);
            let engine = dlp.engine();
            let mut matcher = Matcher::new(engine, std::iter::once(true));
            let mut found = Findings::new(10);
            let mut walk = Walk { engine, part: PartId::ROOT, found: &mut found };
            for at in 0..1_000 {
                let text = b"ababbbbbab".repeat(100);
                let window = Window::new(&text[..=at], at, Offset::ZERO);
                matcher.push(&mut walk, window);
                let held = (matcher.open.capacity() + matcher.left.capacity())
                    * size_of::<Candidate>()
                    + size_of_val(&*matcher.lanes);
                assert!(held <= Matcher::memory_max(engine), "{pattern}: {held} at {at}");
            }
            assert_eq!(matcher.is_exceeded(), outcome == exceeded, "{pattern}");
        }
    }

    #[test]
    fn a_burst_leaves_no_memory_behind() {
        let dlp = dlp("[ab]{1,200}c", 256);
        let engine = dlp.engine();
        let mut matcher = Matcher::new(engine, std::iter::once(true));
        let mut found = Findings::new(10);
        let mut walk = Walk { engine, part: PartId::ROOT, found: &mut found };
        let text = [&b"ab".repeat(50)[..], b"    "].concat();
        matcher.push(&mut walk, Window::new(&text[..100], 0, Offset::ZERO));
        assert!(matcher.open.len() > 90);
        matcher.push(&mut walk, Window::new(&text, 100, Offset::ZERO));
        assert!(matcher.open.capacity() <= KEEP_MAX);
    }
}
