//! How a pass settles its candidates: in the order in which they end, each compared as a whole, and
//! where it is not the last of its body, the next one's turn has come.

use gateway_inspect::Window;

use super::{BodyScan, ENDED_MAX, Ended, Turn};
use crate::body_set::{BodySet, Owner, Placed};
use crate::counting::Match;
use crate::found::{Found, Hit};
use crate::segment::View;

impl BodyScan {
    /// Settles all candidates of the push at work.
    pub(super) fn settle_all(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        view: View<'_>,
        found: &mut Found,
    ) {
        if self.ended.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut self.ended);
        all.sort_unstable();
        all.dedup();
        for Ended { end, segment } in all.drain(..) {
            // In the order in which they end, whatever the chunks.
            self.counting.numbers(set, window, end.saturating_sub(1), found);
            self.settle(set, window, view, segment, end, found);
        }
        all.shrink_to(ENDED_MAX);
        self.ended = all;
    }

    /// Segment `number` may end at `end`: compares it, and goes on from there.
    fn settle(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        view: View<'_>,
        number: u32,
        end: u64,
        found: &mut Found,
    ) {
        let Some(placed) = set.segments.get(number as usize) else { return };
        if Self::is_hidden(set, placed, found) {
            return;
        }
        if self.late.is_about(placed) {
            return self.late.settle(placed, window, view, number, end);
        }
        let Some((first, last)) = self.starts(placed) else { return };
        let base = window.start().as_u64();
        let Some(last) = last.checked_sub(base) else { return };
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let starts = index(first.saturating_sub(base))..=index(last);
        let end_index = index(end.saturating_sub(base));
        let Some(start) = placed.segment.ends_at(view, end_index, &starts) else { return };
        let start = base + start as u64;
        let Some(gap_min) = placed.gap_min() else {
            return self.settle_last(set, placed, start, end, found);
        };
        let ready = end.saturating_add(gap_min);
        self.turns.insert(placed.chain, Turn { next: placed.index + 1, ready });
    }

    /// A body has matched, its last segment from `start` to `end`.
    pub(super) fn settle_last(
        &mut self,
        set: &BodySet,
        placed: &Placed,
        start: u64,
        end: u64,
        found: &mut Found,
    ) {
        match placed.owner {
            Owner::Signature(signature) => found.add(Hit { end, signature, start }),
            Owner::Group { group, .. } => {
                let at = Match { start, end };
                self.counting.group(set, &self.index.macros, group, at, found);
            }
            Owner::Member(of) => {
                let has_gaps = placed.index > 0 || !placed.segment.is_one_piece();
                self.counting.member(set, of, has_gaps, Match { start, end }, found);
            }
        }
    }

    /// Whether the signature of the segment is hidden, so that nothing is remembered for it.
    fn is_hidden(set: &BodySet, placed: &Placed, found: &Found) -> bool {
        match placed.owner {
            Owner::Signature(signature) | Owner::Group { signature, .. } => {
                found.mask().hides(signature)
            }
            Owner::Member(of) => of.is_hidden(set, found),
        }
    }

    /// The positions at which `placed` may begin, first and last, if it is its turn.
    pub(super) fn starts(&self, placed: &Placed) -> Option<(u64, u64)> {
        let within = || placed.anchor().within(self.layout.as_ref());
        if placed.index == 0 && placed.gap_min().is_none() {
            return within();
        }
        match self.turns.get(&placed.chain) {
            None if placed.index == 0 => within(),
            Some(turn) if placed.index == turn.next => Some((turn.ready, u64::MAX)),
            None => self.late.ready(placed).map(|ready| (ready, u64::MAX)),
            Some(_) => None,
        }
    }
}
