//! The carried state of one part: which candidates are open, and the walk that opens, advances and
//! settles them.
//!
//! The walk is a function of the bytes alone. At each byte, in this order: every open candidate
//! takes it; then the place [`LAG`] bytes before it, whose first bytes are now known, goes through
//! the sieve, and what passes becomes a candidate that catches up. While nothing is open, only the
//! sieve runs. Chunks do not show in it: where a chunk ends, the walk stops, and the few places
//! that the sieve has not seen yet are looked at for clearance alone.
//!
//! Why it finds what a search of the whole part finds, entry by entry:
//! * Candidates stand in the order of their starts, so the first that comes to an end with a match
//!   is the leftmost.
//! * When a candidate has a match, later candidates that began before its end can be dropped at
//!   once: either that match is found, or an earlier one is that ends behind all of them.
//! * Of two candidates in the same state and without a match the later one can be dropped: if one
//!   matches both do, and the earlier one is found. (Not where a judge looks at the bytes: those
//!   entries have short matches.) This bounds their number by that of the states.

use std::sync::Arc;

use gateway_inspect::{Finding, Findings, Offset, PartId, Span, Window};

use crate::candidate::{Best, Candidate, View};
use crate::dlp::{Compiled, Engine};
use crate::shape::DEPTH;

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
    /// The KiB of the part in which `steps` were made.
    kib: u64,
    steps: u32,
    /// Whether more steps or candidates were needed than are allowed.
    exceeded: bool,
    found: bool,
}

/// What is known of one entry. Positions are absolute; steps are numbered by the position behind
/// the byte that is taken, so that 0 is none.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    wanted: bool,
    /// Places before this one need no candidate: it has one, or it lies in a match.
    next_start: u64,
    /// Where its last match ends.
    matched_to: u64,
    /// The step in which a match ended: later candidates are dropped in it.
    matched_in: u64,
    /// The last step that an open candidate of it was left over by.
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

    /// Bytes on the heap that it never passes.
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
        while !self.exceeded {
            if self.open.is_empty() {
                let Some(next) = self.skip(walk, &view, index) else { break };
                index = next;
            } else {
                let Some(byte) = view.bytes.get(index) else { break };
                self.advance(walk, &view, index, Some(*byte));
                let hit = index.checked_sub(LAG).map(|at| (at, self.test(walk, &view, at)));
                if let Some((at, buckets)) = hit {
                    self.open_at(walk, &view, at, buckets, index);
                }
                index += 1;
            }
        }
        self.clear_to(walk, &view)
    }

    /// The part ends behind `tail`.
    pub(crate) fn finish(&mut self, walk: &mut Walk<'_, '_>, tail: Window<'_>) {
        let view = View { bytes: tail.bytes(), base: tail.start().as_u64() };
        let end = view.bytes.len();
        for at in end.saturating_sub(LAG)..end {
            let buckets = self.test(walk, &view, at);
            self.open_at(walk, &view, at, buckets, end - 1);
        }
        self.advance(walk, &view, end, None);
    }

    /// With nothing open: opens what begins next, if the byte at `index` or a later one completes
    /// its first bytes. The index from which the walk goes on.
    fn skip(&mut self, walk: &mut Walk<'_, '_>, view: &View<'_>, index: usize) -> Option<usize> {
        let mut at = index.saturating_sub(LAG);
        let mut buckets = 0;
        if at == 0 && view.bytes.len() > LAG {
            // What was there before the first byte is known only by not being there.
            buckets = self.test(walk, view, 0);
        }
        if buckets == 0 {
            let hit = walk.engine.sieve.find(view.bytes, at.max(1), self.buckets)?;
            (at, buckets) = (hit.at, hit.buckets);
        }
        self.open_at(walk, view, at, buckets, at + LAG);
        Some(at + LAG + 1)
    }

    /// Every open candidate takes `byte`, which is at `index`, or the end of the part there.
    fn advance(
        &mut self,
        walk: &mut Walk<'_, '_>,
        view: &View<'_>,
        index: usize,
        byte: Option<u8>,
    ) {
        let at = view.base + index as u64;
        let step = at + 1;
        self.charge(walk.engine, at, self.open.len());
        let Self { open, lanes, left, found, .. } = self;
        open.retain_mut(|candidate| {
            let (Some(lane), Some(compiled)) =
                (lanes.get_mut(candidate.entry), walk.engine.entries.get(candidate.entry))
            else {
                return false;
            };
            if lane.matched_in == step {
                return false;
            }
            if candidate.runs {
                if let Some(end) = candidate.feed(compiled, at, byte, view) {
                    lane.matched(end, step);
                }
                if candidate.is_overlong(compiled, at) {
                    candidate.runs = false;
                    left.extend(candidate.leave(lane.matched_to));
                }
            }
            let is_open = candidate.runs || (candidate.best.is_some() && lane.open_in == step);
            if is_open {
                lane.open_in = step;
            } else if let Some(best) = candidate.best {
                *found = true;
                walk.report(compiled, candidate.start, best);
            }
            is_open
        });
        while let Some(candidate) = self.left.pop() {
            let place = self.open.partition_point(|other| other.start <= candidate.start);
            self.open.insert(place, candidate);
        }
        self.release();
    }

    /// Opens what is wanted of `buckets` at the index `at`, and lets it take what follows, up to
    /// and with the byte at `through`.
    fn open_at(
        &mut self,
        walk: &mut Walk<'_, '_>,
        view: &View<'_>,
        at: usize,
        buckets: u64,
        through: usize,
    ) {
        let start = view.base + at as u64;
        let step = view.base + through as u64 + 1;
        let engine = walk.engine;
        for entry in engine.sieve.entries(buckets) {
            let (Some(lane), Some(compiled)) =
                (self.lanes.get_mut(entry), engine.entries.get(entry))
            else {
                continue;
            };
            if !lane.wanted || start < lane.next_start {
                continue;
            }
            lane.next_start = start + 1;
            let mut candidate =
                Candidate::new(entry, start, compiled.automaton.start(view.before(at)));
            for (byte, at) in view.bytes.iter().take(through + 1).skip(at).zip(start..) {
                if let Some(end) = candidate.feed(compiled, at, Some(*byte), view) {
                    lane.matched(end, 0);
                }
                candidate.runs &= !candidate.is_overlong(compiled, at);
                if !candidate.runs {
                    break;
                }
            }
            let is_first = lane.open_in != step;
            match candidate.best {
                None if !candidate.runs => {}
                Some(best) if !candidate.runs && is_first => {
                    self.found = true;
                    walk.report(compiled, start, best);
                }
                None | Some(_) => {
                    lane.open_in = step;
                    self.add(engine, candidate);
                }
            }
            self.charge(engine, step - 1, through - at + 1);
        }
    }

    /// Adds a new candidate, unless an open one stands for it.
    fn add(&mut self, engine: &Engine, candidate: Candidate) {
        if let Some(twin) = twin(&mut self.open, &candidate, &engine.entries) {
            twin.youngest = candidate.youngest;
            return;
        }
        self.open.push(candidate);
        if self.open.len() >= self.merge_at.min(engine.limits.candidates_max) {
            self.merge(engine);
        }
        self.exceeded |= self.open.len() > engine.limits.candidates_max;
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

    /// Gives back what a burst of candidates has taken.
    fn release(&mut self) {
        if self.open.is_empty() {
            self.merge_at = MERGE_MIN;
            if self.open.capacity() > KEEP_MAX {
                self.open = Vec::new();
            }
        }
    }

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

/// The open candidate that stands for `candidate`, which is the last: it is in the same state, so
/// that both have the same matches to come, and began earlier.
fn twin<'a>(
    open: &'a mut [Candidate],
    candidate: &Candidate,
    entries: &[Compiled],
) -> Option<&'a mut Candidate> {
    let judged = entries.get(candidate.entry).is_some_and(|compiled| compiled.test.is_judge());
    if judged || !candidate.runs || candidate.best.is_some() {
        return None;
    }
    let same = |other: &&mut Candidate| {
        other.runs && other.state == candidate.state && other.entry == candidate.entry
    };
    open.iter_mut().find(same)
}

impl Lane {
    fn matched(&mut self, end: u64, step: u64) {
        self.next_start = self.next_start.max(end);
        self.matched_to = self.matched_to.max(end);
        self.matched_in = step;
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
