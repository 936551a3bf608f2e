//! What is looked for in the parts of one kind, made ready to be searched for.

use crate::anchor::Anchor;
use crate::body_set::{BodySet, Placed};
use crate::follower::{Follower, Sight};
use crate::heads::Heads;
use crate::image::{Input, Stored, stored_struct};
use crate::literal::{Key, Literal};
use crate::logical::Tallies;
use crate::pe::HEAD_BYTES_MAX;
use crate::target::Target;
use crate::tier::Tier;

/// Last segments that are held while they are under way, by how they begin.
#[derive(Debug)]
pub(crate) struct Beginnings {
    pub(crate) heads: Heads,
    /// Bytes from the beginning of one of them up to which it is known by its head alone.
    pub(crate) bytes_max: usize,
}

/// The bodies for one target and those for any, so that one pass finds them all.
///
/// What is searched for is a [literal](Literal) of each segment; a segment that may begin at one
/// place only is not searched for, but compared there.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Logical signatures that hold without a match.
    pub(crate) holding: Vec<u32>,
    /// Bytes that the counts of logical signatures take at most.
    pub(crate) tallies_bytes_max: usize,
    /// What finds segments, but for those that are compared at places of their own.
    pub(crate) tiers: Vec<Tier>,
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

impl Index {
    /// What of `set` is for parts of `target`. `literals` are those of its segments; their keys
    /// are put into `keys`.
    pub(crate) fn new(
        set: &BodySet,
        target: Target,
        literals: &[Option<Literal>],
        keys: &mut [Key],
    ) -> Self {
        let is_meant = |meant: Target| meant == Target::Any || meant == target;
        let is_in_force = |one: &Placed| is_meant(one.target) && set.is_in_force(one.owner);
        let logicals = (0u32..)
            .zip(&set.logicals)
            .filter(|(_, one)| is_meant(one.target) && !set.ignored.contains(&one.signature));
        let conditional = logicals.clone().filter(|(_, one)| one.is_conditional());
        let wants_layout = logicals.clone().any(|(_, one)| one.wants_layout());
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
        let mut index = Self {
            holding: holding.map(|(number, _)| number).collect(),
            conditional: conditional.map(|(number, _)| number).collect(),
            macros,
            regexes: regexes.map(|(number, _)| number).collect(),
            handlers: handlers.collect(),
            wants_layout,
            lookback: if wants_layout { HEAD_BYTES_MAX } else { 0 },
            tallies_bytes_max: Tallies::memory_max(logicals.map(|(_, one)| one)),
            ..Self::default()
        };
        let mut searched = Vec::new();
        // Of each kind of beginning: its segments, and how far their heads have to tell.
        let (mut kinds, mut bytes_max) = ([const { Vec::new() }; 3], [0; 3]);
        let segments = set.segments.iter().zip(literals).zip(0u32..);
        for ((placed, literal), number) in segments.filter(|((one, _), _)| is_in_force(one)) {
            let segment = &placed.segment;
            let literal = if index.place(placed, number) { *literal } else { None };
            if let Some(literal) = literal {
                searched.push((literal, segment, number));
            }
            let known_after = match (placed.anchor(), literal) {
                (Anchor::FromEnd { back, .. }, _) => {
                    Some((2, usize::try_from(back).unwrap_or(usize::MAX)))
                }
                (_, Some(literal)) => {
                    let end = literal.end_max(segment);
                    Some((usize::from(end > NEAR), end))
                }
                (_, None) => None,
            };
            if let (None, Some((kind, after))) = (placed.gap_min(), known_after)
                && let (Some(kind), Some(max)) = (kinds.get_mut(kind), bytes_max.get_mut(kind))
            {
                kind.push((number, segment.first()));
                *max = after.max(*max);
            }
        }
        // From the beginning of a trigger on, or back from there.
        index.lookback = index.lookback.saturating_add(reach);
        index.tiers = Tier::build(&searched, keys);
        let beginnings = kinds
            .into_iter()
            .zip(bytes_max)
            .map(|(kind, bytes_max)| Beginnings { heads: Heads::new(kind.into_iter()), bytes_max });
        index.beginnings = beginnings.filter(|kind| !kind.heads.is_empty()).collect();
        index.fixed.sort_unstable();
        index
    }

    /// Whether all bytes of a part may be needed in the end.
    pub(crate) fn wants_whole(&self) -> bool {
        !(self.regexes.is_empty() && self.handlers.is_empty())
    }

    /// The target that a part is looked at as if the signature is found in it.
    pub(crate) fn handler_of(&self, signature: u32) -> Option<Target> {
        self.handlers.iter().find(|(one, _)| *one == signature).map(|(_, target)| *target)
    }

    /// Takes in segment `number`; says whether it is to be searched for. Otherwise it is compared
    /// at places of its own.
    fn place(&mut self, placed: &Placed, number: u32) -> bool {
        let segment = &placed.segment;
        self.lookback = self.lookback.max(segment.reach());
        self.chained += usize::from(placed.index == 1);
        match (placed.anchor(), segment.len_fixed()) {
            (Anchor::FromEnd { back, .. }, _) => {
                self.from_end.push(number);
                self.lookback = self.lookback.max(usize::try_from(back).unwrap_or(usize::MAX));
                false
            }
            (Anchor::Within { first, last }, Some(len)) if first == last => {
                self.fixed.push((first.saturating_add(len as u64), number));
                self.fixed_len_max = self.fixed_len_max.max(len);
                false
            }
            (Anchor::Within { .. }, _) => true,
            (Anchor::Grouped { .. }, _) => true,
            (Anchor::Program { .. } | Anchor::Late { .. }, _) => {
                self.wants_layout = true;
                self.lookback = self.lookback.max(HEAD_BYTES_MAX);
                true
            }
        }
    }
}

stored_struct!(Beginnings { heads, bytes_max });

impl Stored for Index {
    fn store(&self, out: &mut Vec<u8>) {
        (self.tallies_bytes_max, self.fixed_len_max).store(out);
        (self.lookback, self.chained).store(out);
        self.wants_layout.store(out);
        self.holding.store(out);
        self.tiers.store(out);
        self.fixed.store(out);
        self.from_end.store(out);
        self.beginnings.store(out);
        self.conditional.store(out);
        self.macros.store(out);
        self.regexes.store(out);
        self.handlers.store(out);
    }

    fn load(input: &mut Input<'_>) -> Option<Self> {
        let (tallies_bytes_max, fixed_len_max) = Stored::load(input)?;
        let (lookback, chained) = Stored::load(input)?;
        let bounds = [tallies_bytes_max, fixed_len_max, lookback, chained];
        if bounds.iter().any(|bound| *bound > BOUND_MAX) {
            return None;
        }
        Some(Self {
            tallies_bytes_max,
            fixed_len_max,
            lookback,
            chained,
            wants_layout: Stored::load(input)?,
            holding: Stored::load(input)?,
            tiers: Stored::load(input)?,
            fixed: Stored::load(input)?,
            from_end: Stored::load(input)?,
            beginnings: Stored::load(input)?,
            conditional: Stored::load(input)?,
            macros: Stored::load(input)?,
            regexes: Stored::load(input)?,
            handlers: Stored::load(input)?,
        })
    }
}

/// What bounds in an image are below, so that sums of them are numbers.
const BOUND_MAX: usize = 1 << 40;
