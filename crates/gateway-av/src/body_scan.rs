//! One pass of all bodies that are looked for over one part.
//!
//! # How it works
//! Every position is sampled once, whatever the chunks. A literal that is found is compared with
//! its segment: as far as bytes are there, and again in later pushes until it has ended or has
//! come to nothing. Those under way are remembered; should they ever be too many, they are
//! forgotten, and the look-back is sampled once more.
//!
//! Segments behind the first one of their body are looked for from where one before them has been
//! found; most parts have none, and no pass for them.
//!
//! A match is settled in the push that shows its last byte, and matches are settled in the order
//! in which they end, since what a segment of several may begin behind is the end of the one
//! before. Of the ends of a segment the earliest one is enough, because the gap behind it has no
//! bound.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{Containers, Window};

use crate::anchor::Anchor;
use crate::body_set::{BodySet, Owner, Placed};
use crate::counting::Counting;
use crate::found::{Found, Hit};
use crate::index::Index;
use crate::layout::Layout;
use crate::literal::Key;
use crate::segment::View;
use crate::tier::When;
use late::Late;

mod clearance;
mod end;
mod late;
mod settle;

/// How far a body of several segments has come.
#[derive(Clone, Copy, Debug)]
struct Turn {
    /// Index of the segment that comes next.
    next: u32,
    /// Where it may begin at the earliest.
    ready: u64,
}

/// A segment that has begun, as its literal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Begun {
    segment: u32,
    piece: u32,
    /// Where the piece begins.
    at: u64,
}

/// A segment that may end at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ended {
    end: u64,
    segment: u32,
}

/// The state of one pass.
#[derive(Debug)]
pub(crate) struct BodyScan {
    set: Arc<BodySet>,
    index: Arc<Index>,
    /// How the program is laid out that the part is, where that is known.
    layout: Option<Layout>,
    turns: BTreeMap<u32, Turn>,
    /// Bodies whose place shows at the end only.
    late: Late,
    counting: Counting,
    /// By tier: where it goes on.
    next: Box<[u64]>,
    /// Segments that go on behind what was seen.
    begun: Vec<Begun>,
    /// Candidates of the push at work.
    ended: Vec<Ended>,
    /// How many of the fixed segments are settled.
    fixed: usize,
    /// Up to where no last segment is under way.
    clear_to: u64,
    /// Where the first segment began that was under way and is forgotten: from there on samples
    /// are taken again.
    lost_from: Option<u64>,
}

/// Bytes that a turn takes in its map, at most.
const TURN_BYTES: usize = 64;

/// Bytes behind a segment by which is told whether a mark allows it, at most.
const MARK_BYTES_MAX: u64 = 2;

/// Segments under way that are remembered from push to push.
const BEGUN_MAX: usize = 1024;

/// Candidates that are kept to be sorted, for which memory is declared.
const ENDED_MAX: usize = 1024;

impl BodyScan {
    /// Bytes that it takes besides for bodies whose place shows at the end only, at most.
    pub(crate) const LATE_MEMORY_MAX: usize = Late::MEMORY_MAX;

    /// How the program is laid out that the part is, as far as its first bytes tell.
    pub(crate) const fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    /// A pass over a part of which `declared` is the size, if it is declared.
    pub(crate) fn new(set: Arc<BodySet>, index: Arc<Index>, declared: Option<u64>) -> Self {
        Self {
            layout: None,
            turns: BTreeMap::new(),
            late: Late::default(),
            counting: Counting::new(&set, &index, declared),
            next: vec![0; index.flags.len()].into(),
            begun: Vec::new(),
            ended: Vec::new(),
            fixed: 0,
            clear_to: 0,
            lost_from: None,
            set,
            index,
        }
    }

    /// Tells it what the part is besides its bytes, before the first push: how the program is laid
    /// out that it is, and what it is in. What cannot be found, as `found` has it, is not counted.
    pub(crate) fn set_part(
        &mut self,
        layout: Option<Layout>,
        containers: &Containers,
        found: &Found,
    ) {
        self.counting.set_part(&self.set, &self.index, layout.as_ref(), containers);
        self.counting.bar_hidden(&self.set, &self.index, found);
        self.layout = layout;
    }

    /// Whether more was under way than is remembered, so that something may have been missed.
    pub(crate) const fn is_overwhelmed(&self) -> bool {
        self.counting.is_overwhelmed() || self.late.is_overwhelmed
    }

    pub(crate) fn lookback(&self) -> usize {
        self.index.lookback()
    }

    pub(crate) fn memory_max(&self) -> usize {
        let lists = 2 * BEGUN_MAX * size_of::<Begun>() + 2 * ENDED_MAX * size_of::<Ended>();
        let turns = self.index.chained * TURN_BYTES;
        size_of::<Self>() + lists + turns + Counting::MEMORY_MAX + self.index.tallies_bytes_max
    }

    /// Settles every match that ends in the fresh bytes of `window`.
    pub(crate) fn push(&mut self, window: Window<'_>, found: &mut Found) {
        let set = self.set.clone();
        let again_from = self.lost_from.take();
        for begun in std::mem::take(&mut self.begun) {
            self.follow(&set, window, begun, found);
        }
        self.search(&set, window, When::Always, again_from, found);
        while let Some((end, number)) = self.index.fixed.get(self.fixed) {
            if *end > window.end().as_u64() {
                break;
            }
            self.fixed += 1;
            self.ended.push(Ended { end: *end, segment: *number });
        }
        self.search_in_turn(&set, window, again_from, found);
        self.settle_all(&set, window, View { bytes: window.bytes(), ended: false }, found);
        self.counting.numbers(&set, window, window.end().as_u64(), found);
        self.counting.forget(window.end().as_u64(), self.index.lookback() as u64);
        self.remember(&set);
    }

    /// Looks for segments behind others of their bodies, if any of those has been found.
    fn search_in_turn(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        again_from: Option<u64>,
        found: &mut Found,
    ) {
        let opens = |ended: &Ended| {
            let placed = set.segments.get(ended.segment as usize);
            placed.is_some_and(|placed| placed.gap_min().is_some())
        };
        let is_under_way = !self.turns.is_empty() || self.late.is_under_way();
        if is_under_way || self.ended.iter().any(opens) {
            self.search(set, window, When::InTurn, again_from, found);
            return;
        }
        // None of them begins before the end of one that is still to be found: that lies behind the
        // window, or so far before its end that what stands beside it is not known yet.
        let from = window.end().back(MARK_BYTES_MAX).as_u64();
        for (tier, next) in set.tiers.iter().zip(&mut self.next) {
            if tier.when == When::InTurn {
                *next = from.max(*next);
            }
        }
    }

    /// Looks for literals in the bytes of `window` that were not looked at yet, and in those from
    /// `again_from` on.
    fn search(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        when: When,
        again_from: Option<u64>,
        found: &mut Found,
    ) {
        let index = self.index.clone();
        let base = window.start().as_u64();
        let mut all_next = std::mem::take(&mut self.next);
        let tiers = set.tiers.iter().zip(&index.flags).zip(&mut all_next);
        for ((tier, flags), next) in tiers.filter(|((tier, _), _)| tier.when == when) {
            let Some(flags) = flags else { continue };
            // Any positions will do, as long as they are as far apart as the tier has them.
            let from = again_from.map_or(*next, |again| again.max(base).min(*next));
            let from = usize::try_from(from.saturating_sub(base)).unwrap_or(usize::MAX);
            let mut hit = |segment, key: &Key, at| {
                let begun = Begun { segment, piece: key.piece.into(), at: base + at as u64 };
                self.follow(set, window, begun, found);
            };
            let (keys, target) = (&set.keys, index.target);
            let after = tier.scan(flags, keys, target, window.bytes(), from, &mut hit);
            *next = base.saturating_add(after as u64);
        }
        self.next = all_next;
    }

    /// Remembers a segment that goes on behind what was seen, unless there are too many.
    fn keep(&mut self, begun: Begun) {
        if self.lost_from.is_none() && self.begun.len() < BEGUN_MAX {
            self.begun.push(begun);
            return;
        }
        let all = self.begun.drain(..).chain([begun]).map(|begun| begun.at);
        self.lost_from = all.chain(self.lost_from).min();
    }

    /// Looks where a segment that has begun ends: at fresh bytes, or behind them.
    fn follow(&mut self, set: &BodySet, window: Window<'_>, begun: Begun, found: &mut Found) {
        let Some(placed) = set.segments.get(begun.segment as usize) else { return };
        if self.is_settled(set, placed, found) {
            return;
        }
        let base = window.start().as_u64();
        let Some(at) = begun.at.checked_sub(base).and_then(|at| usize::try_from(at).ok()) else {
            return;
        };
        let fresh = window.bytes().len() - window.fresh().len();
        let view = View { bytes: window.bytes(), ended: false };
        let segment = &placed.segment;
        if let Some(len) = segment.len_fixed() {
            // The common case, without a list.
            if segment.first().is_open_at(view.bytes, at) {
                self.keep(begun);
            } else if at + len > fresh && segment.first().is_at(view.bytes, at) {
                let (start, end) = (begun.at, begun.at + len as u64);
                self.candidate(placed, Ended { end, segment: begun.segment }, start, found);
            }
            return;
        }
        let ends = segment.ends_after(view, begun.piece as usize, at);
        if ends.open {
            self.keep(begun);
        }
        let new = ends.at.into_iter().filter(|end| segment.is_new(view.bytes, fresh, *end));
        let ended = new.map(|end| Ended { end: base + end as u64, segment: begun.segment });
        self.ended.extend(ended);
    }

    /// Takes a match of a segment of fixed length: at once, where the order does not matter.
    fn candidate(&mut self, placed: &Placed, ended: Ended, start: u64, found: &mut Found) {
        match (placed.owner, placed.index, placed.gap_min(), placed.anchor()) {
            (Owner::Signature(signature), 0, None, Anchor::Within { first, last }) => {
                if (first..=last).contains(&start) {
                    found.add(Hit { end: ended.end, signature, start });
                }
            }
            _ => self.ended.push(ended),
        }
    }

    /// Whether nothing depends on the segment any more.
    fn is_settled(&self, set: &BodySet, placed: &Placed, found: &Found) -> bool {
        match placed.owner {
            // A match that was found first need not be the one that ends first.
            Owner::Signature(signature) => found.is_reported(signature),
            Owner::Group { .. } => false,
            Owner::Member(of) if placed.gap_min().is_none() => {
                self.counting.is_full(set, of, found)
            }
            Owner::Member(of) => of.is_hidden(set, found),
        }
    }

    /// Drops what cannot come to a match any more of the segments that go on.
    fn remember(&mut self, set: &BodySet) {
        let mut begun = std::mem::take(&mut self.begun);
        begun.retain(|begun| {
            let placed = set.segments.get(begun.segment as usize);
            let starts = placed.and_then(|placed| Some((placed, self.starts(placed)?)));
            starts.is_some_and(|(placed, (first, last))| {
                earliest_start(placed, *begun) <= last && begun.at >= first
            })
        });
        self.begun = begun;
    }

    /// What it looks for.
    pub(crate) const fn index(&self) -> &Arc<Index> {
        &self.index
    }
}

/// Where a segment that has begun begins at the earliest.
fn earliest_start(placed: &Placed, begun: Begun) -> u64 {
    begun.at.saturating_sub(placed.segment.len_max_before(begun.piece as usize) as u64)
}

/// The bytes of the window from position `at` on.
pub(crate) fn bytes_from(window: Window<'_>, at: u64) -> Option<&[u8]> {
    let index = at.checked_sub(window.start().as_u64())?;
    window.bytes().get(usize::try_from(index).ok()?..)
}
