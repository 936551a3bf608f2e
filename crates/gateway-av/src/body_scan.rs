//! One pass of one set of body signatures over one part.
//!
//! # How it works
//! A match is settled in the push that shows its last byte, whatever the chunks: windows that end
//! so early that their segment may have ended in an earlier push are searched for again, and what
//! was settled then is passed over. So nothing is carried from push to push but what was found,
//! and how far signatures of several segments have come: the bytes are in the look-back.
//!
//! Hits come in the order in which the windows end. This is enough for signatures of several
//! segments, because the window of a segment ends before the next segment begins; and of the ends
//! of a segment the earliest one is enough, because the gap behind it has no bound.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{Offset, Window};

use crate::anchor::Anchor;
use crate::body_set::{BodySet, Placed};
use crate::found::{Found, Hit};

/// How far a signature of several segments has come.
#[derive(Clone, Copy, Debug)]
struct Chain {
    /// Index of the segment that comes next.
    next: u32,
    /// Where it may begin at the earliest.
    ready: u64,
}

/// The state of one pass.
#[derive(Debug)]
pub(crate) struct BodyScan {
    set: Arc<BodySet>,
    chains: BTreeMap<u32, Chain>,
    /// How many of the fixed segments are settled.
    fixed: usize,
    /// Up to where no last segment is under way.
    clear_to: u64,
}

/// Bytes that a chain takes in its map, at most.
const CHAIN_BYTES: usize = 64;

impl BodyScan {
    pub(crate) fn new(set: Arc<BodySet>) -> Self {
        Self { set, chains: BTreeMap::new(), fixed: 0, clear_to: 0 }
    }

    pub(crate) fn lookback(&self) -> usize {
        self.set.lookback
    }

    pub(crate) fn memory_max(&self) -> usize {
        size_of::<Self>() + self.set.chained * CHAIN_BYTES
    }

    /// Settles every match that ends in the fresh bytes of `window`.
    pub(crate) fn push(&mut self, window: Window<'_>, found: &mut Found) {
        let set = self.set.clone();
        let bytes = window.bytes();
        let fresh = bytes.len() - window.fresh().len();
        let first = |after_max| (fresh + 1).saturating_sub(after_max);
        let mut next: [_; 4] = std::array::from_fn(|i| {
            set.tiers.get(i).and_then(|tier| tier.next(bytes, first(tier.after_max())))
        });
        loop {
            let ends = next.iter().enumerate();
            let ends = ends.filter_map(|(i, hit)| hit.map(|(end, entries)| (end, i, entries)));
            let Some((end, i, entries)) = ends.min_by_key(|(end, i, _)| (*end, *i)) else { break };
            self.settle_fixed(&set, window, window.start() + end, found);
            for entry in entries {
                let end = end + entry.after as usize;
                if end > fresh && end <= bytes.len() {
                    self.settle(&set, window, entry.segment, end, found);
                }
            }
            if let (Some(slot), Some(tier)) = (next.get_mut(i), set.tiers.get(i)) {
                *slot = tier.next(bytes, end + 1);
            }
        }
        self.settle_fixed(&set, window, window.end(), found);
    }

    /// How far the part is cleared: the start of the earliest last segment that is under way.
    pub(crate) fn clear_to(&mut self, window: Window<'_>, found: &Found) -> Offset {
        let seen = window.end();
        let mut at = Offset::new(self.clear_to).max(seen.back(self.set.lookback as u64));
        while at < seen && !self.is_live(at, window, found) {
            at += 1;
        }
        self.clear_to = at.as_u64();
        at
    }

    /// Settles what counts from the end of the part, whose last bytes `tail` shows.
    pub(crate) fn finish(&self, tail: Window<'_>, found: &mut Found) {
        let total = tail.end().as_u64();
        for number in &self.set.from_end {
            let Some(placed) = self.set.segments.get(*number as usize) else { continue };
            let Anchor::FromEnd { back, shift } = placed.anchor else { continue };
            let len = placed.segment.len_max() as u64;
            let first = total.saturating_sub(back);
            // A part that is shorter than `back` has only the later of the places.
            let skipped = back.saturating_sub(total);
            let Some(shift) = shift.checked_sub(skipped) else { continue };
            for start in first..=first.saturating_add(shift).min(total.saturating_sub(len)) {
                let end = start.saturating_add(len);
                if starts_and_ends(placed, tail, start, end) {
                    found.add(Hit { end, signature: placed.signature, start });
                    break;
                }
            }
        }
    }

    /// Settles the fixed segments that end at `to` or before.
    fn settle_fixed(&mut self, set: &BodySet, window: Window<'_>, to: Offset, found: &mut Found) {
        while let Some((end, number)) = set.fixed.get(self.fixed) {
            if *end > to.as_u64() {
                break;
            }
            self.fixed += 1;
            let index = usize::try_from(end.saturating_sub(window.start().as_u64()));
            self.settle(set, window, *number, index.unwrap_or(usize::MAX), found);
        }
    }

    /// Segment `number` may end at index `end` of the window: compares it, and goes on from there.
    fn settle(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        number: u32,
        end: usize,
        found: &mut Found,
    ) {
        let Some(placed) = set.segments.get(number as usize) else { return };
        let Some((first, last)) = self.starts(placed) else { return };
        let base = window.start().as_u64();
        let Some(last) = last.checked_sub(base) else { return };
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let starts = index(first.saturating_sub(base))..=index(last);
        let Some(start) = placed.segment.ends_at(window.bytes(), end, &starts) else { return };
        let (start, end) = (base + start as u64, base + end as u64);
        match placed.gap_min {
            None => found.add(Hit { end, signature: placed.signature, start }),
            Some(gap_min) => {
                let ready = end.saturating_add(gap_min);
                self.chains.insert(placed.signature, Chain { next: placed.index + 1, ready });
            }
        }
    }

    /// The positions at which `placed` may begin, first and last, if it is its turn.
    fn starts(&self, placed: &Placed) -> Option<(u64, u64)> {
        let chain = self.chains.get(&placed.signature);
        match (placed.anchor, chain) {
            (Anchor::FromEnd { .. }, _) => None,
            (Anchor::Within { first, last }, None) if placed.index == 0 => Some((first, last)),
            (Anchor::Within { .. }, Some(chain)) if placed.index == chain.next => {
                Some((chain.ready, u64::MAX))
            }
            (Anchor::Within { .. }, _) => None,
        }
    }

    /// Whether a last segment that would be reported may begin at `at`, and is not decided yet.
    fn is_live(&self, at: Offset, window: Window<'_>, found: &Found) -> bool {
        let from = usize::try_from(at.since(window.start())).unwrap_or(usize::MAX);
        let bytes = window.bytes().get(from..).unwrap_or_default();
        let at = at.as_u64();
        self.set.heads.candidates(bytes).any(|number| {
            let Some(placed) = self.set.segments.get(number as usize) else { return false };
            let open = match placed.anchor {
                Anchor::FromEnd { back, .. } => {
                    bytes.len() as u64 <= back && placed.segment.agrees_with(bytes)
                }
                Anchor::Within { .. } => {
                    let in_turn = |(first, last)| (first..=last).contains(&at);
                    self.starts(placed).is_some_and(in_turn) && placed.segment.goes_on_after(bytes)
                }
            };
            open && !found.contains(placed.signature)
        })
    }
}

/// Whether the segment, of fixed length, lies from `start` to `end`.
fn starts_and_ends(placed: &Placed, window: Window<'_>, start: u64, end: u64) -> bool {
    let base = window.start().as_u64();
    let (Some(start), Some(end)) = (start.checked_sub(base), end.checked_sub(base)) else {
        return false;
    };
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) => {
            placed.segment.ends_at(window.bytes(), end, &(start..=start)).is_some()
        }
        _ => false,
    }
}
