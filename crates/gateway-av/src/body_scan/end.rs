//! What a pass settles once its part has ended: what goes on no more, what lies so far from the end,
//! and the bodies whose place shows then only.

use gateway_inspect::{Unscannable, Window};

use super::{BodyScan, Ended, bytes_from};
use crate::anchor::Anchor;
use crate::body_set::{BodySet, Owner, Placed};
use crate::counting::Whole;
use crate::found::Found;
use crate::layout::Layout;
use crate::segment::View;
use crate::tier::When;

impl BodyScan {
    /// Settles what counts from the end of the part, whose last bytes `tail` shows, and what could
    /// not be settled before the end.
    pub(crate) fn end(&mut self, tail: Window<'_>, found: &mut Found) {
        let set = self.set.clone();
        let again_from = self.lost_from.take();
        if again_from.is_some() {
            self.search(&set, tail, When::Always, again_from, found);
            self.search_in_turn(&set, tail, again_from, found);
        }
        let base = tail.start().as_u64();
        let view = View { bytes: tail.bytes(), ended: true };
        for begun in std::mem::take(&mut self.begun) {
            let Some(placed) = set.segments.get(begun.segment as usize) else { continue };
            let Some(at) = begun.at.checked_sub(base).and_then(|at| usize::try_from(at).ok())
            else {
                continue;
            };
            let ends = placed.segment.ends_after(view, begun.piece as usize, at).at.into_iter();
            // What could be told before the end was told then.
            let new = ends.filter(|end| placed.segment.is_new(view.bytes, view.bytes.len(), *end));
            let ended = new.map(|end| Ended { end: base + end as u64, segment: begun.segment });
            self.ended.extend(ended);
        }
        self.settle_all(&set, tail, view, found);
        self.counting.numbers(&set, tail, tail.end().as_u64(), found);
        self.settle_from_end(&set, tail, found);
        self.counting.numbers(&set, tail, tail.end().as_u64(), found);
    }

    /// Looks at the places of segments that are so far from the end.
    fn settle_from_end(&mut self, set: &BodySet, tail: Window<'_>, found: &mut Found) {
        let total = tail.end().as_u64();
        let index = self.index.clone();
        for number in &index.from_end {
            let Some(placed) = set.segments.get(*number as usize) else { continue };
            let Anchor::FromEnd { back, shift } = placed.anchor() else { continue };
            let len = placed.segment.len_max() as u64;
            // A part that is shorter than `back` has none of the places, as ClamAV has it.
            let Some(first) = total.checked_sub(back) else { continue };
            for start in first..=first.saturating_add(shift).min(total.saturating_sub(len)) {
                if is_at(placed, tail, start) {
                    self.settle_last(set, placed, start, start.saturating_add(len), found);
                    if matches!(placed.owner, Owner::Signature(_)) {
                        break;
                    }
                }
            }
        }
    }

    /// Settles the bodies whose place shows in the end, of a part that is laid out like `layout`.
    pub(crate) fn settle_late(&mut self, layout: Option<&Layout>, found: &mut Found) {
        let set = self.set.clone();
        if self.late.is_overwhelmed {
            self.counting.bar_uncertain(&set);
        }
        let mut last = None;
        for one in self.late.take() {
            let anchor = set.segments.get(one.first_segment as usize).map(Placed::anchor);
            let is_allowed = anchor.is_some_and(|anchor| anchor.allows_late(one.first, layout));
            // A match counts once, from however many places the body may have begun.
            let place = Some((one.end, one.segment, one.start));
            let placed = set.segments.get(one.segment as usize);
            if let Some(placed) = placed.filter(|_| is_allowed && place != last) {
                last = place;
                self.settle_last(&set, placed, one.start, one.end, found);
            }
        }
    }

    /// The places of bodies cannot be told: none of them counts.
    pub(crate) fn drop_late(&mut self) {
        let set = self.set.clone();
        self.late.take();
        self.counting.bar_uncertain(&set);
    }

    /// Whether a match is remembered whose place shows in the end.
    pub(crate) fn has_late(&self) -> bool {
        self.late.has_matched()
    }

    /// Searches `part` for the regular expressions whose triggers hold.
    pub(crate) fn settle_regexes(
        &mut self,
        part: &Whole<'_>,
        found: &mut Found,
    ) -> Result<(), Unscannable> {
        let (set, index) = (self.set.clone(), self.index.clone());
        self.counting.regexes(&set, &index.regexes, part, found)
    }

    /// Settles what holds in the end, once all has been counted.
    pub(crate) fn conclude(&mut self, tail: Window<'_>, found: &mut Found) {
        let set = self.set.clone();
        self.counting.finish(&set, tail.end().as_u64(), found);
    }
}

/// Whether a segment of fixed length lies at `start`.
fn is_at(placed: &Placed, window: Window<'_>, start: u64) -> bool {
    bytes_from(window, start).is_some_and(|bytes| placed.segment.first().is_at(bytes, 0))
}
