//! The carried state of one part: which candidates are open; and the pass over fresh bytes that
//! opens, advances and settles them.
//!
//! The lanes say where entries may begin; there, the program of the entry decides. What it cannot
//! decide before the bytes end stays open. What is found is a function of the bytes alone, however
//! they are cut:
//! * A place comes up once no earlier place of its entry can come up any more, so that those of an
//!   entry are taken in their order, and the first match is the leftmost.
//! * A place that lies in a match of its entry is passed over. If an earlier candidate is still
//!   open, it may end in a match that covers the later ones: they wait, and are dropped then.
//! * A pass goes in blocks of [`BLOCK`] bytes, whose ends are the same for any chunks; there the
//!   work is counted.

mod clear;

use std::sync::Arc;

use gateway_inspect::{Finding, Findings, Offset, PartId, Span, Window};

use crate::candidate::{Candidate, Covers};
use crate::compiled::{Attempt, Best, Compiled};
use crate::engine::Engine;
use crate::machine::Machine;
use crate::notice::{Carried, Noticed, Ripe};
use crate::reel::{After, Reel};
use crate::streaks::Streaks;

/// Bytes of a block.
pub(crate) const BLOCK: u64 = 1 << 10;

/// Steps that count for a place that comes up.
const STEPS_PER_PLACE: u32 = 8;

/// Ways that one candidate may have open on average.
const THREADS_MAX: usize = 16;

/// Candidates whose memory is kept when none is open.
const KEEP_MAX: usize = 4;

/// What is carried from chunk to chunk.
pub(crate) struct Matcher {
    /// Those that are not decided, or wait for an earlier one; of one entry in their order.
    open: Vec<Candidate>,
    covers: Covers,
    carried: Carried,
    /// A bit for each entry that is wanted; `None` if all are.
    wanted: Option<Box<[u64]>>,
    /// Steps in this block.
    steps: u32,
    /// Whether more steps or candidates were needed than are allowed.
    exceeded: bool,
    found: bool,
}

/// What a pass works with.
pub(crate) struct Walk<'a, 'f> {
    pub(crate) engine: &'a Engine,
    pub(crate) part: PartId,
    pub(crate) found: &'f mut Findings,
}

/// The bytes of a pass.
#[derive(Clone, Copy)]
struct View<'a> {
    bytes: &'a [u8],
    /// The position of the first of them.
    base: u64,
    after: After,
}

impl<'a> View<'a> {
    fn of(window: &Window<'a>, after: After) -> Self {
        Self { bytes: window.bytes(), base: window.start().as_u64(), after }
    }

    /// What a candidate that starts at `start` sees, up to the index `edge`.
    fn reel(&self, compiled: &Compiled, start: u64, edge: usize) -> Reel<'a> {
        let limit = start.saturating_add(compiled.match_bytes_max).saturating_sub(self.base);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Reel { bytes: self.bytes, edge, limit, after: self.after }
    }

    fn whole(&self) -> Reel<'a> {
        let Self { bytes, after, .. } = *self;
        Reel { bytes, edge: bytes.len(), limit: usize::MAX, after }
    }

    fn index(&self, position: u64) -> usize {
        usize::try_from(position.saturating_sub(self.base)).unwrap_or(usize::MAX)
    }
}

impl Matcher {
    pub(crate) fn new(engine: &Engine, wanted: impl Iterator<Item = bool>) -> Self {
        let mut bits: Vec<u64> = Vec::new();
        let mut all = true;
        for (index, wanted) in wanted.enumerate() {
            if index % 64 == 0 {
                bits.push(0);
            }
            all &= wanted;
            if let Some(word) = bits.last_mut() {
                *word |= u64::from(wanted) << (index % 64);
            }
        }
        Self {
            open: Vec::new(),
            covers: Covers::default(),
            carried: Carried::new(engine),
            wanted: (!all).then(|| bits.into()),
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
        let open = 2 * open_max(engine) * size_of::<Candidate>();
        let threads = 2 * threads_max(engine) * size_of::<crate::machine::Thread>();
        open + threads + Carried::memory_max(engine) + engine.entries.len() * 40
    }

    fn is_wanted(&self, entry: u32) -> bool {
        wanted(&self.wanted)(entry)
    }

    /// Takes the fresh bytes of `window`, and says how far it is cleared.
    pub(crate) fn push(&mut self, walk: &mut Walk<'_, '_>, window: Window<'_>) -> Offset {
        let view = View::of(&window, After::Open);
        let fresh = view.bytes.len() - window.fresh().len();
        let mut machine = Machine::default();
        if !window.fresh().is_empty() {
            let mut noticed = Noticed::new(&(window.fresh_at().as_u64()..window.end().as_u64()));
            let ripe = Ripe::Behind(fresh);
            let wanted = wanted(&self.wanted);
            let (reel, base) = (view.whole(), view.base);
            noticed.collect(walk.engine, &reel, base, ripe, &mut self.carried, wanted);
            self.pass(walk, &view, &mut machine, fresh, &noticed);
        }
        let oldest = window.end().as_u64().saturating_sub(walk.engine.lookback as u64);
        self.covers.forget(oldest);
        self.clear_to(walk, &view, &mut machine)
    }

    /// The part ends behind `tail`.
    pub(crate) fn finish(&mut self, walk: &mut Walk<'_, '_>, tail: Window<'_>) {
        let view = View::of(&tail, After::End);
        let end = view.bytes.len();
        let mut machine = Machine::default();
        let mut noticed = Noticed::new(&(0..0));
        let wanted = wanted(&self.wanted);
        let (reel, base) = (view.whole(), view.base);
        noticed.collect(walk.engine, &reel, base, Ripe::Not, &mut self.carried, wanted);
        self.resume(walk, &view, &mut machine, end..end);
        self.settle(walk);
        for notice in noticed.notices() {
            self.begin(walk, &view, &mut machine, notice.entry, notice.ripe as usize, end);
        }
        self.settle(walk);
    }

    /// Takes the bytes from the index `from` on, block by block.
    fn pass(
        &mut self,
        walk: &mut Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
        from: usize,
        noticed: &Noticed,
    ) {
        let mut notices = noticed.notices().iter().peekable();
        let mut dismissed = noticed.dismissed().iter();
        let mut at = from;
        while at < view.bytes.len() && !self.exceeded {
            let position = view.base + at as u64;
            let left = usize::try_from(BLOCK - position % BLOCK).unwrap_or(1);
            let edge = view.bytes.len().min(at + left);
            if !self.open.is_empty() {
                self.resume(walk, view, machine, at..edge);
                self.settle(walk);
            }
            let mut waits = false;
            while let Some(notice) = notices.next_if(|notice| notice.ripe as usize <= edge) {
                self.steps = self.steps.saturating_add(STEPS_PER_PLACE);
                let ripe = notice.ripe as usize;
                waits |= self.begin(walk, view, machine, notice.entry, ripe, edge);
            }
            if waits {
                self.settle(walk);
            }
            let dismissed = dismissed.next().copied().unwrap_or(0);
            self.steps = self.steps.saturating_add(STEPS_PER_PLACE.saturating_mul(dismissed));
            if edge == at + left {
                self.count(walk.engine);
            }
            at = edge;
        }
    }

    /// At the end of a block: whether it took more work than is allowed.
    fn count(&mut self, engine: &Engine) {
        let block = usize::try_from(BLOCK).unwrap_or(usize::MAX);
        let open = u32::try_from(self.open.len() * block).unwrap_or(u32::MAX);
        let limits = &engine.limits;
        self.exceeded |= self.steps.saturating_add(open) > limits.steps_per_kib_max;
        self.exceeded |= self.open.len() > limits.candidates_max;
        self.steps = 0;
    }

    /// Every open candidate takes the bytes at these indices.
    fn resume(
        &mut self,
        walk: &Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
        range: std::ops::Range<usize>,
    ) {
        let mut streaks = Streaks::default();
        for candidate in self.open.iter_mut().filter(|candidate| !candidate.threads.is_empty()) {
            let Some(compiled) = walk.engine.entries.get(candidate.entry as usize) else {
                continue;
            };
            let threads = std::mem::take(&mut candidate.threads);
            let (entry, start) = (candidate.entry, candidate.start);
            let bytes = view.bytes.get(..range.end).unwrap_or_default();
            if candidate.at > view.base
                && compiled.gives_up(
                    bytes,
                    view.index(candidate.at)..range.start,
                    (entry, &mut streaks),
                )
            {
                continue;
            }
            let reel = view.reel(compiled, start, range.end);
            let attempt = Attempt { entry, reel, base: view.base, start, at: range.start };
            let Candidate { threads: open, best, .. } = candidate;
            compiled.attempt(machine, attempt, &threads, open, best);
        }
    }

    /// Looks at the place of `entry` that is ripe at the index `ripe`, up to the index `edge`.
    /// Whether a candidate was left open.
    fn begin(
        &mut self,
        walk: &mut Walk<'_, '_>,
        view: &View<'_>,
        machine: &mut Machine,
        entry: u32,
        ripe: usize,
        edge: usize,
    ) -> bool {
        let Some(compiled) = walk.engine.entries.get(entry as usize) else { return false };
        let Some(at) = ripe.checked_sub(compiled.delay) else { return false };
        let Some(start) = self.start(compiled, view, entry, at) else { return false };
        let (mut threads, mut best) = (Vec::new(), None);
        let reel = view.reel(compiled, start, edge);
        let attempt = Attempt { entry, reel, base: view.base, start, at };
        compiled.attempt(machine, attempt, &[], &mut threads, &mut best);
        match best {
            None if threads.is_empty() => return false,
            Some(best) if threads.is_empty() && !self.has_open(entry) => {
                self.report(walk, compiled, entry, start, best);
                return false;
            }
            _ => {}
        }
        if self.open.len() >= open_max(walk.engine) {
            self.exceeded = true;
            return false;
        }
        self.open.push(Candidate { entry, start, at: view.base + at as u64, threads, best });
        true
    }

    /// Where a match of `entry` starts whose program begins at the index `at`; `None` if it cannot,
    /// or lies in another match.
    fn start(&self, compiled: &Compiled, view: &View<'_>, entry: u32, at: usize) -> Option<u64> {
        let covered = self.cover(entry);
        if covered > view.base + at as u64 {
            return None;
        }
        let start = compiled.start(&view.whole(), at, view.index(covered))?;
        Some(view.base + start as u64)
    }

    fn has_open(&self, entry: u32) -> bool {
        self.open.iter().any(|candidate| candidate.entry == entry)
    }

    /// The end of the last match of `entry`, as far as is known.
    fn cover(&self, entry: u32) -> u64 {
        let of = |candidate: &Candidate| {
            candidate.best.filter(|_| candidate.entry == entry).map(|best| best.finding_end())
        };
        let open = self.open.iter().filter_map(of).max().unwrap_or(0);
        open.max(self.covers.end(entry))
    }

    /// Reports what is decided and waits for nothing, and drops what is covered.
    fn settle(&mut self, walk: &mut Walk<'_, '_>) {
        let mut open = std::mem::take(&mut self.open);
        // For each entry that is met: how far it is covered, and whether one is still open.
        let mut met: Vec<(u32, u64, bool)> = Vec::new();
        let mut threads = 0;
        open.retain(|candidate| {
            let entry = candidate.entry;
            let place = met.iter().position(|(other, ..)| *other == entry).unwrap_or_else(|| {
                met.push((entry, self.covers.end(entry), false));
                met.len() - 1
            });
            let Some((_, covered, is_open)) = met.get_mut(place) else { return false };
            if candidate.at < *covered {
                return false;
            }
            if let Some(best) = candidate.best {
                *covered = best.finding_end().max(*covered);
            }
            threads += candidate.threads.len();
            let is_decided = candidate.threads.is_empty();
            match candidate.best {
                None if is_decided => false,
                Some(best) if is_decided && !*is_open => {
                    if let Some(compiled) = walk.engine.entries.get(entry as usize) {
                        self.report(walk, compiled, entry, candidate.start, best);
                    }
                    false
                }
                _ => {
                    *is_open = true;
                    true
                }
            }
        });
        self.exceeded |= threads > threads_max(walk.engine);
        if open.is_empty() && open.capacity() > KEEP_MAX {
            open = Vec::new();
        }
        self.open = open;
    }

    fn report(
        &mut self,
        walk: &mut Walk<'_, '_>,
        compiled: &Compiled,
        entry: u32,
        start: u64,
        best: Best,
    ) {
        self.found = true;
        self.covers.set(entry, best.finding_end());
        let (start, end) = (start + u64::from(best.lead), best.finding_end());
        let span = Span::new(Offset::new(start), Offset::new(end));
        let entry = Arc::clone(&compiled.entry);
        walk.found.push(Finding::content(entry, walk.part, span, best.confidence));
    }
}

/// Whether an entry is in these bits, by index; all are where there are none.
fn wanted(bits: &Option<Box<[u64]>>) -> impl Fn(u32) -> bool + '_ {
    |entry| {
        bits.as_ref().is_none_or(|bits| {
            bits.get(entry as usize / 64).is_some_and(|word| word >> (entry % 64) & 1 != 0)
        })
    }
}

/// Candidates that may be open within a block.
const fn open_max(engine: &Engine) -> usize {
    engine.limits.candidates_max.saturating_mul(4)
}

/// Ways that all open candidates together may have.
const fn threads_max(engine: &Engine) -> usize {
    open_max(engine).saturating_mul(THREADS_MAX)
}
