//! What is looked for in the parts of one kind, made ready to be searched for.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use crate::anchor::Anchor;
use crate::body_set::{BodyList, BodySet, Placed};
use crate::flags::Flags;
use crate::follower::{Follower, Sight};
use crate::heads::Heads;
use crate::image::{Input, Stored};
use crate::literal::{Key, Literal};
use crate::logical::Tallies;
use crate::pe::HEAD_BYTES_MAX;
use crate::target::Target;
use crate::tier::{Sought, Tier, When};

/// The bodies for one target and those for any, so that one pass finds them all. The tables that they
/// are found by are those of the [`BodySet`], for all targets.
///
/// What is searched for is a [literal](Literal) of each segment; a segment that may begin at one
/// place only is not searched for, but compared there.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) target: Target,
    /// Logical signatures that hold without a match.
    pub(crate) holding: Vec<u32>,
    /// Bytes that the counts of logical signatures take at most.
    pub(crate) tallies_bytes_max: usize,
    /// By tier of the set: which samples may be of a segment; `None` if no segment of it is meant.
    pub(crate) flags: Vec<Option<Flags>>,
    /// Segments that end at one position of the part only, by that position.
    pub(crate) fixed: Vec<(u64, u32)>,
    /// The most bytes of one of those.
    pub(crate) fixed_len_max: usize,
    /// Segments that count from the end of the part.
    pub(crate) from_end: Vec<u32>,
    /// By the kind of beginnings of the set: bytes from the beginning of a segment up to which it is
    /// known by its head alone; 0 if there are none.
    pub(crate) heads_bytes_max: [usize; 3],
    /// The most bytes of a segment and what stands beside it, or of what is read of a program.
    segment_bytes_max: usize,
    /// The most bytes from a trigger to what looks from there.
    reach: usize,
    /// How many bodies have more than one segment.
    pub(crate) chained: usize,
    /// Whether some offset counts from a place of a program, or a condition is about one.
    pub(crate) wants_layout: bool,
    /// Logical signatures that are not for every part of the target.
    pub(crate) conditional: Vec<u32>,
    /// Members that look for bodies of a group: the group, the logical signature, and which of its
    /// followers.
    pub(crate) macros: Vec<(u8, u32, u8)>,
    /// Logical signatures with members that are regular expressions.
    pub(crate) regexes: Vec<u32>,
    /// Signatures for which a part is looked at as another target, by their ids.
    pub(crate) handlers: Vec<(u32, Target)>,
}

/// Up to here a literal is near the beginning of its segment.
const NEAR: usize = 64;

/// The tables of `list`, without its segments and logical signatures, and what of it is for which
/// target.
pub(crate) fn indexes(list: &BodyList) -> (BodySet, BTreeMap<Target, Index>) {
    let targets: BTreeSet<_> = list.segments.iter().map(|placed| placed.target).collect();
    let targets: Vec<_> = targets.into_iter().collect();
    let mut keys = vec![Key::default(); list.segments.len()];
    let mut sought = Vec::new();
    let mut kinds = [const { Vec::new() }; 3];
    let mut indexes: Vec<_> = targets.iter().map(|target| Index::new(list, *target)).collect();
    let in_force = list.segments.iter().zip(0u32..).filter(|(one, _)| list.is_in_force(one.owner));
    for (placed, number) in in_force {
        let segment = &placed.segment;
        let literal = if is_searched(placed) { Literal::of(segment) } else { None };
        if let Some(key) = keys.get_mut(number as usize) {
            *key = Key::of(placed.target);
        }
        if let Some(literal) = literal {
            let when = if placed.index > 0 { When::InTurn } else { When::Always };
            sought.push(Sought { literal, segment, number, target: placed.target, when });
        }
        let head = if placed.gap_min().is_none() { head_of(placed, literal) } else { None };
        if let Some((kind, _)) = head
            && let Some(kind) = kinds.get_mut(kind)
        {
            kind.push((number, segment.first()));
        }
        for index in indexes.iter_mut().filter(|index| index.target.includes(placed.target)) {
            index.place(placed, number, head);
        }
    }
    let mut tiers = Vec::new();
    for (tier, flags) in Tier::build(&sought, &targets, &mut keys) {
        indexes.iter_mut().zip(flags).for_each(|(index, flags)| index.flags.push(flags));
        tiers.push(tier);
    }
    indexes.iter_mut().for_each(|index| index.fixed.sort_unstable());
    let beginnings = kinds.map(|kind| Heads::new(kind.into_iter()));
    let keys = keys.into_iter().collect();
    let set = BodySet { keys, tiers, beginnings, ..BodySet::default() };
    (set, targets.into_iter().zip(indexes).collect())
}

/// Whether a segment is searched for. Otherwise it is compared at places of its own.
fn is_searched(placed: &Placed) -> bool {
    match placed.anchor() {
        Anchor::FromEnd { .. } => false,
        Anchor::Within { first, last } => first != last || placed.segment.len_fixed().is_none(),
        Anchor::Grouped { .. } | Anchor::Program { .. } | Anchor::Late { .. } => true,
    }
}

/// Of which kind the beginning of a segment is, and how far it is known by its head alone.
fn head_of(placed: &Placed, literal: Option<Literal>) -> Option<(usize, usize)> {
    match (placed.anchor(), literal) {
        (Anchor::FromEnd { back, .. }, _) => Some((2, usize::try_from(back).unwrap_or(usize::MAX))),
        (_, Some(literal)) => {
            let end = literal.end_max(&placed.segment);
            Some((usize::from(end > NEAR), end))
        }
        (_, None) => None,
    }
}

impl Index {
    /// What of `list` is for parts of `target`, but for its segments.
    fn new(list: &BodyList, target: Target) -> Self {
        let logicals = (0u32..).zip(&list.logicals).filter(|(_, one)| {
            target.includes(one.target) && !list.ignored.contains(&one.signature)
        });
        let conditional = logicals.clone().filter(|(_, one)| one.is_conditional());
        let wants_layout = logicals.clone().any(|(_, one)| one.wants_layout());
        // From the beginning of a trigger on, or back from there.
        let reach = logicals.clone().flat_map(|(_, one)| &one.followers).map(Follower::reach);
        let reach = usize::try_from(reach.max().unwrap_or(0)).unwrap_or(usize::MAX);
        let macros = logicals.clone().flat_map(|(number, one)| {
            one.followers.iter().zip(0u8..).filter_map(move |(follower, index)| {
                match follower.sight {
                    Sight::Group { group, .. } => Some((group, number, index)),
                    Sight::Bytes(_) => None,
                }
            })
        });
        let macros = macros.collect();
        let handlers = logicals
            .clone()
            .filter_map(|(_, one)| one.conditions.handler.map(|target| (one.signature, target)));
        let regexes = logicals.clone().filter(|(_, one)| !one.regexes.is_empty());
        let holding = logicals.clone().filter(|(_, one)| one.expression.holds(&[]));
        Self {
            target,
            holding: holding.map(|(number, _)| number).collect(),
            conditional: conditional.map(|(number, _)| number).collect(),
            macros,
            regexes: regexes.map(|(number, _)| number).collect(),
            handlers: handlers.collect(),
            wants_layout,
            reach,
            segment_bytes_max: if wants_layout { HEAD_BYTES_MAX } else { 0 },
            tallies_bytes_max: Tallies::memory_max(logicals.map(|(_, one)| one)),
            flags: Vec::new(),
            fixed: Vec::new(),
            fixed_len_max: 0,
            from_end: Vec::new(),
            heads_bytes_max: [0; 3],
            chained: 0,
        }
    }

    /// Whether all bytes of a part may be needed in the end.
    pub(crate) fn wants_whole(&self) -> bool {
        !(self.regexes.is_empty() && self.handlers.is_empty())
    }

    /// The target that a part is looked at as if the signature is found in it.
    pub(crate) fn handler_of(&self, signature: u32) -> Option<Target> {
        self.handlers.iter().find(|(one, _)| *one == signature).map(|(_, target)| *target)
    }

    /// Whether it is one of `set`.
    pub(crate) fn is_for(&self, set: &BodySet) -> bool {
        let fits = |(tier, flags): (&Tier, &Option<Flags>)| {
            flags.as_ref().is_none_or(|flags| tier.fits(flags))
        };
        self.flags.len() == set.tiers.len() && set.tiers.iter().zip(&self.flags).all(fits)
    }

    /// The most bytes of a stretch that has to be looked at as one.
    pub(crate) const fn lookback(&self) -> usize {
        self.segment_bytes_max.saturating_add(self.reach)
    }

    /// Takes in segment `number`, of which `head` says how its beginning is known.
    fn place(&mut self, placed: &Placed, number: u32, head: Option<(usize, usize)>) {
        let segment = &placed.segment;
        self.segment_bytes_max = self.segment_bytes_max.max(segment.reach());
        self.chained += usize::from(placed.index == 1);
        if let Some((kind, after)) = head
            && let Some(max) = self.heads_bytes_max.get_mut(kind)
        {
            *max = after.max(*max);
        }
        match (placed.anchor(), segment.len_fixed()) {
            (Anchor::FromEnd { back, .. }, _) => {
                self.from_end.push(number);
                let back = usize::try_from(back).unwrap_or(usize::MAX);
                self.segment_bytes_max = self.segment_bytes_max.max(back);
            }
            (Anchor::Within { first, last }, Some(len)) if first == last => {
                self.fixed.push((first.saturating_add(len as u64), number));
                self.fixed_len_max = self.fixed_len_max.max(len);
            }
            (Anchor::Program { .. } | Anchor::Late { .. }, _) => {
                self.wants_layout = true;
                self.segment_bytes_max = self.segment_bytes_max.max(HEAD_BYTES_MAX);
            }
            (Anchor::Within { .. } | Anchor::Grouped { .. }, _) => {}
        }
    }

    /// Writes it: flags to `bulk`, the rest to `out`.
    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        (self.target, self.wants_layout).store(out);
        (self.tallies_bytes_max, self.fixed_len_max).store(out);
        (self.segment_bytes_max, self.reach, self.chained).store(out);
        self.holding.store(out);
        self.fixed.store(out);
        self.from_end.store(out);
        self.heads_bytes_max.to_vec().store(out);
        self.conditional.store(out);
        self.macros.store(out);
        self.regexes.store(out);
        self.handlers.store(out);
        self.flags.len().store(out);
        for flags in &self.flags {
            flags.is_some().store(out);
            if let Some(flags) = flags {
                flags.store(out, bulk);
            }
        }
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let (target, wants_layout) = Stored::load(input)?;
        let (tallies_bytes_max, fixed_len_max) = Stored::load(input)?;
        let (segment_bytes_max, reach, chained) = Stored::load(input)?;
        let bounds = [tallies_bytes_max, fixed_len_max, segment_bytes_max, reach, chained];
        if bounds.iter().any(|bound| *bound > BOUND_MAX) {
            return None;
        }
        let mut index = Self {
            target,
            wants_layout,
            tallies_bytes_max,
            fixed_len_max,
            segment_bytes_max,
            reach,
            chained,
            holding: Stored::load(input)?,
            fixed: Stored::load(input)?,
            from_end: Stored::load(input)?,
            heads_bytes_max: <Vec<usize>>::load(input)?.try_into().ok()?,
            conditional: Stored::load(input)?,
            macros: Stored::load(input)?,
            regexes: Stored::load(input)?,
            handlers: Stored::load(input)?,
            flags: Vec::new(),
        };
        for _ in 0..usize::load(input)? {
            let flags = if bool::load(input)? { Some(Flags::load(input, bulk)?) } else { None };
            index.flags.push(flags);
        }
        Some(index)
    }
}

/// What bounds in an image are below, so that sums of them are numbers.
const BOUND_MAX: usize = 1 << 40;
