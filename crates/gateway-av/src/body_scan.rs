//! One pass of one set of body signatures over one part.
//!
//! # How it works
//! A match is settled in the push that shows its last byte, whatever the chunks: literals
//! that ended in earlier pushes, but whose segments may not have, are searched for again, and what
//! was settled then is passed over. So nothing is carried from push to push but what was found,
//! and how far signatures of several segments have come: the bytes are in the look-back.
//!
//! Hits come in the order in which the literals end. This is enough for signatures of several
//! segments, because the literal of a segment ends before the next segment begins; and of the ends
//! of a segment the earliest one is enough, because the gap behind it has no bound.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{Offset, Window};

use crate::anchor::Anchor;
use crate::body_set::{BodySet, Placed};
use crate::found::{Found, Hit};

/// How far a signature of several segments has come.
#[derive(Clone, Copy, Debug)]
struct Turn {
    /// Index of the segment that comes next.
    next: u32,
    /// Where it may begin at the earliest.
    ready: u64,
}

/// The state of one pass.
#[derive(Debug)]
pub(crate) struct BodyScan {
    set: Arc<BodySet>,
    turns: BTreeMap<u32, Turn>,
    /// How many of the fixed segments are settled.
    fixed: usize,
    /// Up to where no last segment is under way.
    clear_to: u64,
}

/// Bytes that a turn takes in its map, at most.
const TURN_BYTES: usize = 64;

impl BodyScan {
    pub(crate) fn new(set: Arc<BodySet>) -> Self {
        Self { set, turns: BTreeMap::new(), fixed: 0, clear_to: 0 }
    }

    pub(crate) fn lookback(&self) -> usize {
        self.set.lookback
    }

    pub(crate) fn memory_max(&self) -> usize {
        size_of::<Self>() + self.set.chained * TURN_BYTES
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
        if placed.gap_min.is_none() && found.contains(placed.signature) {
            return;
        }
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
                self.turns.insert(placed.signature, Turn { next: placed.index + 1, ready });
            }
        }
    }

    /// The positions at which `placed` may begin, first and last, if it is its turn.
    fn starts(&self, placed: &Placed) -> Option<(u64, u64)> {
        let turn = self.turns.get(&placed.signature);
        match (placed.anchor, turn) {
            (Anchor::FromEnd { .. }, _) => None,
            (Anchor::Within { first, last }, None) if placed.index == 0 => Some((first, last)),
            (Anchor::Within { .. }, Some(turn)) if placed.index == turn.next => {
                Some((turn.ready, u64::MAX))
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

#[cfg(test)]
mod tests {
    use gateway_inspect::{Findings, Inspector, Part, PartKind, Progress, Wanted};

    use crate::DatabaseBuilder;

    /// Pushes `chunks` and says how far each clears.
    fn clearances(line: &str, chunks: &[&str]) -> Vec<u64> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.ndb", line.as_bytes()).unwrap();
        let [_, bodies, _] = builder.build().examiners();
        let part = Part::root(PartKind::Unknown, None);
        let mut inspector: Box<dyn Inspector> = bodies.open(&part, &Wanted::all()).unwrap();
        let text = chunks.concat();
        let (mut found, mut end) = (Findings::new(9), 0);
        let mut clear_to = |chunk: &&str| {
            let fresh = end;
            end += chunk.len();
            let window = super::Window::new(&text.as_bytes()[..end], fresh, super::Offset::ZERO);
            match inspector.push(window, &mut found) {
                Progress::More { clear_to } => clear_to.as_u64(),
                Progress::Done(outcome) => panic!("{outcome:?}"),
            }
        };
        chunks.iter().map(&mut clear_to).collect()
    }

    #[test]
    fn only_what_may_still_be_found_is_held() {
        for (line, chunks, expected) in [
            (
                "s:0:*:61626364",
                &["xa", "b", "c", "x", "ab", "cd", "a"][..],
                &[1, 1, 1, 5, 5, 9, 10][..],
            ),
            // Only the last segment is held, and only when its turn has come.
            ("s:0:*:6162*6364", &["c", "ab", "c", "x", "c", "d"], &[1, 3, 3, 5, 5, 7]),
            // A bounded gap is held whole.
            ("s:0:*:6162{1-2}6364", &["ab", "x", "x", "x", "abxcd"], &[0, 0, 0, 5, 10]),
            // An anchored signature holds nothing behind its place.
            ("s:0:1:61626364", &["a", "a", "b", "xab"], &[1, 1, 1, 6]),
            ("s:0:1,1:61626364", &["aaab", "ab"], &[2, 6]),
            // What counts from the end is held as long as the end may come.
            ("s:0:EOF-4:61626364", &["abc", "d", "e"], &[0, 0, 5]),
            ("s:0:EOF-5:61626364", &["abc", "d", "e", "f"], &[0, 0, 0, 6]),
        ] {
            assert_eq!(clearances(line, chunks), expected, "{line} {chunks:?}");
        }
    }
}
