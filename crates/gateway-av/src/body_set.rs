//! The body signatures of one target, made ready to be searched for.

use crate::anchor::Anchor;
use crate::filter::Literal;
use crate::filters::Filter;
use crate::heads::Heads;
use crate::hex_body::Link;
use crate::logical::{Logical, Tallies};
use crate::segment::Segment;

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A signature that is this body, by its id: the first match is reported.
    Signature(u32),
    /// A member of a logical signature, which is given by its index in the set: matches are
    /// counted.
    Member { logical: u32, member: u8 },
}

/// A body, to be put into a set.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) owner: Owner,
    pub(crate) anchor: Anchor,
    /// At least one.
    pub(crate) links: Vec<Link>,
}

/// A segment with its place in its body.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) segment: Segment,
    /// The number of its body in the set.
    pub(crate) chain: u32,
    pub(crate) owner: Owner,
    /// How many segments come before it in the body.
    pub(crate) index: u32,
    /// Where it may begin; segments after the first one may begin anywhere behind the one before.
    pub(crate) anchor: Anchor,
    /// Bytes at least between it and the next segment; `None` for the last one.
    pub(crate) gap_min: Option<u64>,
}

/// Last segments that are held while they are under way, by how they begin.
#[derive(Debug)]
pub(crate) struct Beginnings {
    pub(crate) heads: Heads,
    /// Bytes from the beginning of one of them up to which it is known by its head alone.
    pub(crate) bytes_max: usize,
}

/// The bodies of one target. Segments go by number.
///
/// What is searched for is a [literal](Literal) of each segment; a segment that may begin at one
/// place only is not searched for, but compared there.
#[derive(Debug)]
pub(crate) struct BodySet {
    pub(crate) segments: Vec<Placed>,
    pub(crate) logicals: Vec<Logical>,
    /// Logical signatures that hold without a match.
    pub(crate) holding: Vec<u32>,
    /// Bytes that the counts of logical signatures take at most.
    pub(crate) tallies_bytes_max: usize,
    /// What finds first segments of bodies.
    pub(crate) first: Vec<Filter>,
    /// What finds the others, which are looked for once a first one was found.
    pub(crate) later: Vec<Filter>,
    /// Segments that end at one position of the part only, by that position.
    pub(crate) fixed: Vec<(u64, u32)>,
    /// The most bytes of one of those.
    pub(crate) fixed_len_max: usize,
    /// Segments that count from the end of the part.
    pub(crate) from_end: Vec<u32>,
    /// Segments whose literal is near their beginning, those with a literal further on, and those
    /// that count from the end.
    pub(crate) beginnings: Vec<Beginnings>,
    /// The most bytes of a stretch that has to be looked at as one.
    pub(crate) lookback: usize,
    /// How many bodies have more than one segment.
    pub(crate) chained: usize,
}

/// Up to here a literal is near the beginning of its segment.
const NEAR: usize = 64;

impl BodySet {
    pub(crate) fn new(chains: Vec<Chain>, logicals: Vec<Logical>) -> Self {
        let mut segments = Vec::new();
        let mut chained = 0;
        for (Chain { owner, anchor, links }, chain) in chains.into_iter().zip(0u32..) {
            chained += usize::from(links.len() > 1);
            let gaps: Vec<_> = links.iter().skip(1).map(|link| Some(link.gap_min)).collect();
            let gaps = gaps.into_iter().chain([None]);
            for ((link, gap_min), index) in links.into_iter().zip(gaps).zip(0u32..) {
                let anchor = if index == 0 { anchor } else { Anchor::ANYWHERE };
                let segment = link.segment;
                segments.push(Placed { segment, chain, owner, index, anchor, gap_min });
            }
        }
        let holding = (0u32..).zip(&logicals).filter(|(_, one)| one.expression.holds(&[]));
        let mut set = Self {
            segments,
            holding: holding.map(|(index, _)| index).collect(),
            tallies_bytes_max: Tallies::memory_max(&logicals),
            logicals,
            first: Vec::new(),
            later: Vec::new(),
            fixed: Vec::new(),
            fixed_len_max: 0,
            from_end: Vec::new(),
            beginnings: Vec::new(),
            lookback: 0,
            chained,
        };
        set.index();
        set
    }

    fn index(&mut self) {
        let (mut first_literals, mut later_literals) = (Vec::new(), Vec::new());
        // Of each kind of beginning: its segments, and how far their heads have to tell.
        let (mut kinds, mut bytes_max) = ([const { Vec::new() }; 3], [0; 3]);
        for (placed, number) in self.segments.iter().zip(0u32..) {
            let segment = &placed.segment;
            let mut looks_back = segment.reach();
            let known_after = match (placed.anchor, segment.len_fixed()) {
                (Anchor::FromEnd { back, .. }, _) => {
                    self.from_end.push(number);
                    let back = usize::try_from(back).unwrap_or(usize::MAX);
                    looks_back = looks_back.max(back);
                    Some((2, back))
                }
                (Anchor::Within { first, last }, Some(len)) if first == last => {
                    self.fixed.push((first.saturating_add(len as u64), number));
                    self.fixed_len_max = self.fixed_len_max.max(len);
                    None
                }
                (Anchor::Within { .. }, _) => Literal::of(segment).map(|literal| {
                    let literals =
                        if placed.index == 0 { &mut first_literals } else { &mut later_literals };
                    literals.push((literal, segment, number));
                    let end = literal.end_max(segment);
                    (usize::from(end > NEAR), end)
                }),
            };
            self.lookback = self.lookback.max(looks_back);
            if let (None, Some((kind, after))) = (placed.gap_min, known_after)
                && let (Some(kind), Some(max)) = (kinds.get_mut(kind), bytes_max.get_mut(kind))
            {
                kind.push((number, segment.first()));
                *max = after.max(*max);
            }
        }
        self.first = Filter::build(&first_literals);
        self.later = Filter::build(&later_literals);
        let beginnings = kinds
            .into_iter()
            .zip(bytes_max)
            .map(|(kind, bytes_max)| Beginnings { heads: Heads::new(kind.into_iter()), bytes_max });
        self.beginnings = beginnings.filter(|kind| !kind.heads.is_empty()).collect();
        self.fixed.sort_unstable();
    }
}
