//! How far a pass over a part clears it: up to the first byte of what is under way and would be
//! reported.

use gateway_inspect::{Offset, Window};

use super::{BodyScan, bytes_from, earliest_start};
use crate::anchor::Anchor;
use crate::body_set::{BodySet, Owner, Placed};
use crate::found::Found;
use crate::heads::Heads;

impl BodyScan {
    /// How far the part is cleared: the start of the earliest last segment that is under way.
    pub(crate) fn clear_to(&mut self, window: Window<'_>, found: &Found) -> Offset {
        let set = self.set.clone();
        let mut clear_to = window.end().as_u64();
        for begun in &self.begun {
            let Some(placed) = set.segments.get(begun.segment as usize) else { continue };
            if placed.gap_min().is_none() && !self.is_done(&set, placed, found) {
                clear_to = clear_to.min(earliest_start(placed, *begun));
            }
        }
        if self.lost_from.is_some() {
            clear_to = clear_to.min(window.end().back(self.index.lookback() as u64).as_u64());
        }
        clear_to = clear_to.min(self.counting.from(&set, found));
        clear_to = clear_to.min(self.fixed_from(&set, window, found));
        for (heads, bytes_max) in set.beginnings.iter().zip(self.index.heads_bytes_max) {
            let from = window.end().back(bytes_max as u64).as_u64();
            let mut at = from.max(self.clear_to);
            while at < clear_to && !self.is_live(&set, heads, at, window, found) {
                at += 1;
            }
            clear_to = clear_to.min(at);
        }
        self.clear_to = self.clear_to.max(clear_to);
        Offset::new(self.clear_to)
    }

    /// Where the first fixed segment begins that is under way; the greatest position if none is.
    fn fixed_from(&self, set: &BodySet, window: Window<'_>, found: &Found) -> u64 {
        let reaches = window.end().as_u64().saturating_add(self.index.fixed_len_max as u64);
        let open = self.index.fixed.iter().skip(self.fixed).take_while(|(end, _)| *end < reaches);
        let starts = open.filter_map(|(end, number)| {
            let placed = set.segments.get(*number as usize)?;
            let start = end.saturating_sub(placed.segment.len_max() as u64);
            let bytes = bytes_from(window, start)?;
            let is_live = placed.gap_min().is_none()
                && placed.segment.goes_on_after(bytes)
                && self.starts(placed).is_some_and(|(first, last)| (first..=last).contains(&start))
                && !self.is_done(set, placed, found);
            is_live.then_some(start)
        });
        starts.min().unwrap_or(u64::MAX)
    }

    /// Whether no match of the body will be reported any more.
    fn is_done(&self, set: &BodySet, placed: &Placed, found: &Found) -> bool {
        match placed.owner {
            Owner::Signature(signature) => found.contains(signature),
            Owner::Group { .. } => false,
            Owner::Member(_) => self.is_settled(set, placed, found),
        }
    }

    /// Whether a last segment that would be reported may begin at `at`, and is not decided yet.
    fn is_live(
        &self,
        set: &BodySet,
        heads: &Heads,
        at: u64,
        window: Window<'_>,
        found: &Found,
    ) -> bool {
        let bytes = bytes_from(window, at).unwrap_or_default();
        heads.may_begin(bytes)
            && heads.candidates(bytes).any(|number| {
                let key = set.keys.at(number);
                if key.is_none_or(|key| !key.is_for(self.index.target)) {
                    return false;
                }
                let Some(placed) = set.segments.get(number as usize) else { return false };
                let open = match placed.anchor() {
                    Anchor::FromEnd { back, .. } => {
                        bytes.len() as u64 <= back && placed.segment.agrees_with(bytes)
                    }
                    Anchor::Within { .. }
                    | Anchor::Program { .. }
                    | Anchor::Grouped { .. }
                    | Anchor::Late { .. } => {
                        let in_turn = |(first, last)| (first..=last).contains(&at);
                        self.starts(placed).is_some_and(in_turn)
                            && placed.segment.goes_on_after(bytes)
                    }
                };
                open && !self.is_done(set, placed, found)
            })
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::{Findings, Inspector, Part, PartKind, Progress, Wanted};

    use super::*;
    use crate::DatabaseBuilder;

    /// Pushes `chunks` and says how far each clears.
    fn clearances(line: &str, chunks: &[&str]) -> Vec<u64> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.ndb", line.as_bytes()).unwrap();
        let [_, bodies, ..] = builder.build().lowest_examiners();
        let part = Part::root(PartKind::Unknown, None);
        let mut inspector: Box<dyn Inspector> = bodies.open(&part, &Wanted::all()).unwrap();
        let text = chunks.concat();
        let (mut found, mut end) = (Findings::new(9), 0);
        let mut clear_to = |chunk: &&str| {
            let fresh = end;
            end += chunk.len();
            let window = Window::new(&text.as_bytes()[..end], fresh, Offset::ZERO);
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
