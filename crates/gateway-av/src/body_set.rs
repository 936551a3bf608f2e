//! The body signatures of one target, made ready to be searched for.

use crate::anchor::Anchor;
use crate::filter::{Literal, Tier};
use crate::heads::Heads;
use crate::line::BodyLine;
use crate::segment::Segment;

/// A segment with its place in its signature.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) segment: Segment,
    /// The id of its signature.
    pub(crate) signature: u32,
    /// How many segments come before it in the signature.
    pub(crate) index: u32,
    /// Where it may begin; segments after the first one may begin anywhere behind the one before.
    pub(crate) anchor: Anchor,
    /// Bytes at least between it and the next segment; `None` for the last one.
    pub(crate) gap_min: Option<u64>,
}

/// The signatures of one target. Segments go by number.
///
/// What is searched for is a [literal](Literal) of each segment; a segment that may begin at one
/// place only is not searched for, but compared there.
#[derive(Debug, Default)]
pub(crate) struct BodySet {
    pub(crate) segments: Vec<Placed>,
    pub(crate) tiers: Vec<Tier>,
    /// Segments that end at one position of the part only, by that position.
    pub(crate) fixed: Vec<(u64, u32)>,
    /// Segments that count from the end of the part.
    pub(crate) from_end: Vec<u32>,
    /// All last segments: those that are held while they are under way.
    pub(crate) heads: Heads,
    /// The most bytes of a stretch that has to be looked at as one.
    pub(crate) lookback: usize,
    /// How many signatures have more than one segment.
    pub(crate) chained: usize,
}

impl BodySet {
    /// The set of `signatures`, each with its id.
    pub(crate) fn new(signatures: impl Iterator<Item = (BodyLine, u32)>) -> Self {
        let mut set = Self::default();
        for (line, signature) in signatures {
            set.chained += usize::from(line.links.len() > 1);
            let gaps: Vec<_> = line.links.iter().skip(1).map(|link| Some(link.gap_min)).collect();
            let gaps = gaps.into_iter().chain([None]);
            for ((link, gap_min), index) in line.links.into_iter().zip(gaps).zip(0u32..) {
                let anchor = if index == 0 { line.anchor } else { Anchor::ANYWHERE };
                let segment = link.segment;
                set.segments.push(Placed { segment, signature, index, anchor, gap_min });
            }
        }
        set.index();
        set
    }

    fn index(&mut self) {
        let (mut literals, mut heads) = (Vec::new(), Vec::new());
        for (placed, number) in self.segments.iter().zip(0u32..) {
            let segment = &placed.segment;
            let mut looks_back = segment.len_max();
            match (placed.anchor, segment.len_fixed()) {
                (Anchor::FromEnd { back, .. }, _) => {
                    self.from_end.push(number);
                    looks_back = looks_back.max(usize::try_from(back).unwrap_or(usize::MAX));
                }
                (Anchor::Within { first, last }, Some(len)) if first == last => {
                    self.fixed.push((first.saturating_add(len as u64), number));
                }
                (Anchor::Within { .. }, _) => {
                    literals.extend(Literal::of(segment.last()).map(|literal| (literal, number)));
                }
            }
            self.lookback = self.lookback.max(looks_back);
            if placed.gap_min.is_none() {
                let runs = segment.first().literal_runs();
                let first = runs.first().filter(|(index, _)| *index == 0);
                heads.push((number, first.map_or(&[][..], |(_, bytes)| bytes)));
            }
        }
        self.tiers = Tier::build(&literals);
        self.heads = Heads::new(heads.into_iter());
        self.fixed.sort_unstable();
    }
}
