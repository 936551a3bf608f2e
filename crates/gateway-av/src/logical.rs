//! Logical signatures at work: matches of members are counted, and tell when one is found.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use gateway_inspect::Containers;

use crate::expression::Expression;
use crate::follower::Follower;
use crate::found::{Found, Hit};
use crate::image::{Packed, stored_struct};
use crate::layout::Layout;
use crate::logical_line::Conditions;
use crate::regex_member::RegexMember;
use crate::target::Target;

/// A logical signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logical {
    /// The id of the signature.
    pub(crate) signature: u32,
    pub(crate) target: Target,
    pub(crate) expression: Expression,
    pub(crate) conditions: Conditions,
    /// Members without a body.
    pub(crate) followers: Box<[Follower]>,
    /// Members that are regular expressions, in their order.
    pub(crate) regexes: Box<[RegexMember]>,
    /// Members that it has.
    pub(crate) members: u8,
}

impl Logical {
    /// Whether it is found as soon as its expression holds: nothing that follows can change that.
    fn is_settled_early(&self) -> bool {
        self.conditions.size.is_none() && self.expression.is_monotone()
    }

    /// The count of a member above which no greater one makes a difference.
    fn count_max(&self) -> u32 {
        let triggers = self.regexes.iter().map(|one| &one.trigger);
        triggers.chain([&self.expression]).map(Expression::count_max).max().unwrap_or(1)
    }

    /// Whether it asks for more than shows in the bytes of a part and their number.
    pub(crate) fn is_conditional(&self) -> bool {
        let Conditions { container, intermediates, .. } = &self.conditions;
        self.wants_layout() || container.is_some() || !intermediates.is_empty()
    }

    /// Whether it asks how a program is laid out.
    pub(crate) fn wants_layout(&self) -> bool {
        self.conditions.entry.is_some() || self.conditions.sections.is_some()
    }

    /// Whether a part is as it asks for, whatever is in it.
    pub(crate) fn is_for(&self, layout: Option<&Layout>, containers: &Containers) -> bool {
        let Conditions { entry, sections, container: wanted, .. } = &self.conditions;
        let container = containers.kinds().first();
        let holds = |range: &Option<RangeInclusive<u64>>, value: Option<u64>| {
            range.as_ref().is_none_or(|range| value.is_some_and(|value| range.contains(&value)))
        };
        holds(entry, layout.and_then(|layout| layout.entry))
            && holds(sections, layout.map(|layout| layout.section_count))
            && wanted.is_none_or(|wanted| container == Some(&wanted))
            && self.is_within(containers)
    }

    /// Whether a part is in the containers that it asks for.
    fn is_within(&self, containers: &Containers) -> bool {
        let wanted = &self.conditions.intermediates;
        let kinds = containers.kinds();
        let told = wanted.iter().rev().flatten();
        wanted.len() <= kinds.len() && told.zip(kinds).all(|(wanted, kind)| wanted == kind)
    }

    /// Whether a part that declares this size, or none, may be of a size that it asks for.
    fn may_fit(&self, declared: Option<u64>) -> bool {
        declared.is_none_or(|size| self.fits(size))
    }

    fn fits(&self, size: u64) -> bool {
        self.conditions.size.as_ref().is_none_or(|sizes| sizes.contains(&size))
    }
}

/// The counts of one logical signature.
#[derive(Debug)]
struct Counts {
    /// By member.
    matches: Box<[u32]>,
    /// By member: where the last match that was counted began, and one more; 0 before the first.
    after: Box<[u64]>,
    /// The match with which the expression came to hold, while it holds but may not in the end.
    standing: Option<Hit>,
}

/// The counts of all logical signatures of a set, for one part.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    /// The size of the part, if it is declared.
    declared: Option<u64>,
    counts: BTreeMap<u32, Counts>,
    /// Where the bytes begin that signatures are about whose expression holds for now.
    standing_from: BTreeMap<(u64, u32), ()>,
    /// Signatures that the part is not for.
    barred: BTreeSet<u32>,
}

/// Bytes that the counts of a signature take besides those of its members, at most.
const COUNTS_BYTES: usize = 200;

impl Tallies {
    /// Nothing was counted; those in `holding`, which hold without a match, stand from the
    /// beginning.
    pub(crate) fn new(logicals: &Packed<Logical>, holding: &[u32], declared: Option<u64>) -> Self {
        let mut tallies = Self { declared, ..Self::default() };
        for index in holding.iter().copied() {
            if let Some(logical) = logicals.get(index as usize) {
                let none = Hit { end: 0, signature: logical.signature, start: 0 };
                tallies.counts(logical, index).standing = Some(none);
                if logical.may_fit(declared) {
                    tallies.standing_from.insert((0, index), ());
                }
            }
        }
        tallies
    }

    /// The part is none for signature `index`: nothing is counted for it.
    pub(crate) fn bar(&mut self, index: u32) {
        self.barred.insert(index);
        if let Some(Counts { standing: Some(hit), .. }) = self.counts.remove(&index) {
            self.standing_from.remove(&(hit.start, index));
        }
    }

    /// Bytes that the counts of `logicals` take at most.
    pub(crate) fn memory_max<'a>(logicals: impl Iterator<Item = &'a Logical>) -> usize {
        let one = |logical: &Logical| {
            COUNTS_BYTES + size_of::<u32>() * 4 + 12 * usize::from(logical.members)
        };
        logicals.map(one).sum()
    }

    /// Whether one more match of a member makes no difference.
    pub(crate) fn is_full(&self, logical: &Logical, index: u32, member: u8, found: &Found) -> bool {
        if found.contains(logical.signature) || self.barred.contains(&index) {
            return true;
        }
        // Each match of a trigger may show something else.
        if logical.followers.iter().any(|one| one.trigger == member) {
            return false;
        }
        let counts = self.counts.get(&index).and_then(|c| c.matches.get(usize::from(member)));
        counts.is_some_and(|count| *count >= logical.count_max())
    }

    /// Counts a match of `member`, from `hit.start` to `hit.end`.
    ///
    /// As ClamAV counts: a match of a body without gaps counts when it begins behind the one
    /// before; of a body with gaps every match counts that begins no earlier.
    pub(crate) fn count(
        &mut self,
        logical: &Logical,
        index: u32,
        member: u8,
        has_gaps: bool,
        hit: Hit,
        found: &mut Found,
    ) {
        if self.barred.contains(&index) {
            return;
        }
        let counts = self.counts(logical, index);
        let place = usize::from(member);
        let (Some(matches), Some(after)) =
            (counts.matches.get_mut(place), counts.after.get_mut(place))
        else {
            return;
        };
        if hit.start < *after && !(has_gaps && hit.start + 1 == *after) {
            return;
        }
        *after = hit.start + 1;
        *matches = matches.saturating_add(1).min(logical.count_max());
        let holds = logical.expression.holds(&counts.matches);
        let hit = Hit { signature: logical.signature, ..hit };
        if holds && logical.is_settled_early() {
            found.add(hit);
            return;
        }
        match (holds, counts.standing) {
            (true, None) => {
                counts.standing = Some(hit);
                if logical.may_fit(self.declared) {
                    self.standing_from.insert((hit.start, index), ());
                }
            }
            (false, Some(stood)) => {
                counts.standing = None;
                self.standing_from.remove(&(stood.start, index));
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Whether signature `index` cannot be found any more in a part of `size` bytes, or was already.
    pub(crate) fn is_out(&self, logical: &Logical, index: u32, size: u64, found: &Found) -> bool {
        found.contains(logical.signature) || self.barred.contains(&index) || !logical.fits(size)
    }

    /// Whether `trigger` holds of the members of signature `index`.
    pub(crate) fn holds(&self, index: u32, trigger: &Expression) -> bool {
        trigger.holds(self.counts.get(&index).map_or(&[], |counts| &counts.matches))
    }

    /// Where the first bytes begin that a signature which may yet be found is about.
    pub(crate) fn standing_from(&self) -> Option<u64> {
        self.standing_from.keys().next().map(|(start, _)| *start)
    }

    /// The part has ended, and has `size` bytes: what holds is found.
    pub(crate) fn finish(&self, logicals: &Packed<Logical>, size: u64, found: &mut Found) {
        for (index, counts) in &self.counts {
            let Some(logical) = logicals.get(*index as usize) else { continue };
            match counts.standing.filter(|_| logical.fits(size)) {
                Some(hit) if logical.may_fit(self.declared) => found.add(hit),
                // The declared size was a lie, so nothing was held.
                Some(hit) => found.add(Hit { start: size, end: size, ..hit }),
                None => {}
            }
        }
    }

    fn counts(&mut self, logical: &Logical, index: u32) -> &mut Counts {
        let members = usize::from(logical.members);
        self.counts.entry(index).or_insert_with(|| Counts {
            matches: vec![0; members].into(),
            after: vec![0; members].into(),
            standing: None,
        })
    }
}

stored_struct!(Logical { signature, target, expression, conditions, followers, regexes, members });
