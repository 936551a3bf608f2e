//! Bodies whose place shows at the end of the part only, such as a section of an ELF program: every
//! match is remembered with where its body began, until it can be told which of them count.

use std::collections::BTreeMap;

use gateway_inspect::Window;

use crate::anchor::Anchor;
use crate::body_set::{Owner, Placed};
use crate::segment::View;

/// Matches, and bodies that have begun, that are remembered of one part.
const REMEMBERED_MAX: usize = 16 << 10;

/// Bodies that have begun, of one signature, that are remembered of one part.
const THREADS_MAX: usize = 256;

/// A body that has begun, of several segments.
#[derive(Clone, Copy, Debug)]
struct Thread {
    /// The number of its first segment.
    first_segment: u32,
    /// Where that begins.
    first: u64,
    /// Index of the segment that comes next.
    next: u32,
    /// Where it may begin at the earliest.
    ready: u64,
}

/// A match of a whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Matched {
    /// Where its last segment ends.
    pub(crate) end: u64,
    /// The number of its last segment.
    pub(crate) segment: u32,
    /// Where that begins.
    pub(crate) start: u64,
    /// Where its first segment begins.
    pub(crate) first: u64,
    /// The number of that.
    pub(crate) first_segment: u32,
}

/// All that is remembered of one part.
#[derive(Debug, Default)]
pub(crate) struct Late {
    /// By body.
    threads: BTreeMap<u32, Vec<Thread>>,
    matched: Vec<Matched>,
    /// How many threads there are.
    under_way: usize,
    /// Whether there was no room for one more.
    pub(crate) is_overwhelmed: bool,
}

impl Late {
    /// Bytes that it takes at most.
    pub(crate) const MEMORY_MAX: usize =
        REMEMBERED_MAX * (2 * size_of::<Matched>() + 2 * size_of::<Thread>() + 64);

    /// Whether the segment is of a body whose place shows later.
    pub(crate) fn is_about(&self, placed: &Placed) -> bool {
        match placed.index {
            0 => matches!(placed.anchor(), Anchor::Late { .. }),
            _ => self.threads.contains_key(&placed.chain),
        }
    }

    /// Where a segment that is not the first of such a body may begin at the earliest.
    pub(crate) fn ready(&self, placed: &Placed) -> Option<u64> {
        let in_turn = |one: &&Thread| one.next == placed.index;
        let threads = self.threads.get(&placed.chain)?;
        threads.iter().filter(in_turn).map(|one| one.ready).min()
    }

    /// Segment `number` may end at `end`: compares it, and remembers what it comes to.
    pub(crate) fn settle(
        &mut self,
        placed: &Placed,
        window: Window<'_>,
        view: View<'_>,
        number: u32,
        end: u64,
    ) {
        if self.is_overwhelmed {
            return;
        }
        let base = window.start().as_u64();
        let index = |at: u64| usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
        if placed.index > 0 {
            return self.follow(placed, number, end, |ready| {
                let starts = index(ready)..=usize::MAX;
                let start = placed.segment.ends_at(view, index(end), &starts)?;
                Some(base + start as u64)
            });
        }
        // All of its beginnings, the latest first.
        let mut starts = 0..=usize::MAX;
        while let Some(start) = placed.segment.ends_at(view, index(end), &starts) {
            self.begin(placed, number, base + start as u64, end);
            let Some(last) = start.checked_sub(1) else { break };
            starts = 0..=last;
        }
    }

    /// The first segment of a body lies from `start` to `end`.
    fn begin(&mut self, placed: &Placed, number: u32, start: u64, end: u64) {
        let Some(gap_min) = placed.gap_min() else {
            return self.remember(Matched {
                end,
                segment: number,
                start,
                first: start,
                first_segment: number,
            });
        };
        let threads = self.threads.entry(placed.chain).or_default();
        // Of several ends the earliest one is enough, and came first.
        if threads.iter().any(|one| one.first == start) {
            return;
        }
        if threads.len() >= THREADS_MAX || self.under_way >= REMEMBERED_MAX {
            self.is_overwhelmed = true;
            return;
        }
        let ready = end.saturating_add(gap_min);
        threads.push(Thread { first_segment: number, first: start, next: 1, ready });
        self.under_way += 1;
    }

    /// A later segment ends at `end`; `start_from` is where it begins, not before a position.
    fn follow(
        &mut self,
        placed: &Placed,
        number: u32,
        end: u64,
        start_from: impl Fn(u64) -> Option<u64>,
    ) {
        let Some(ready) = self.ready(placed) else { return };
        let Some(start) = start_from(ready) else { return };
        let mut threads = self.threads.remove(&placed.chain).unwrap_or_default();
        for one in &mut threads {
            if one.next != placed.index || one.ready > start {
                continue;
            }
            if let Some(gap_min) = placed.gap_min() {
                (one.next, one.ready) = (placed.index + 1, end.saturating_add(gap_min));
                continue;
            }
            let Thread { first, first_segment, .. } = *one;
            self.remember(Matched { end, segment: number, start, first, first_segment });
            if matches!(placed.owner, Owner::Signature(_)) {
                // One match is enough.
                one.next = u32::MAX;
            }
        }
        let before = threads.len();
        threads.retain(|one| one.next != u32::MAX);
        self.under_way = self.under_way.saturating_sub(before - threads.len());
        self.threads.insert(placed.chain, threads);
    }

    fn remember(&mut self, matched: Matched) {
        if self.matched.len() < REMEMBERED_MAX {
            self.matched.push(matched);
        } else {
            self.is_overwhelmed = true;
        }
    }

    /// Whether a body has begun whose later segments are still to come.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Whether any is remembered.
    pub(crate) fn has_matched(&self) -> bool {
        !self.matched.is_empty()
    }

    /// All matches, in the order in which they end.
    pub(crate) fn take(&mut self) -> Vec<Matched> {
        let mut all = std::mem::take(&mut self.matched);
        all.sort_unstable();
        all
    }
}
