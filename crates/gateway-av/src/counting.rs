//! The counting of logical signatures in one pass over a part: what a match of a member makes of the
//! signature that it is of, and of the members that look from there.
//!
//! It searches for nothing: matches of bodies come from [`BodyScan`](crate::body_scan::BodyScan), in
//! the order in which they end.

use gateway_inspect::{Containers, Unscannable, Window};

use crate::body_scan::bytes_from;
use crate::body_set::BodySet;
use crate::follower::Sight;
use crate::follows::{Follows, Wait};
use crate::found::{Found, Hit};
use crate::image::stored_struct;
use crate::index::Index;
use crate::layout::Layout;
use crate::logical::{Logical, Tallies};
use crate::regex_member::{Enough, Gave};

/// A match of a member, or of a body of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// A part, all of which was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<'a> {
    /// All of it, if it was kept.
    pub(crate) bytes: Option<&'a [u8]>,
    pub(crate) size: u64,
    /// How the program is laid out that it is.
    pub(crate) layout: Option<&'a Layout>,
    /// How many bytes of it may be searched, over all expressions.
    pub(crate) work: usize,
}

/// A member of a logical signature, which is given by its index in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) logical: u32,
    pub(crate) member: u8,
}

impl Member {
    /// Whether its signature is one that is never found.
    pub(crate) fn is_hidden(self, set: &BodySet, found: &Found) -> bool {
        let mask = found.mask();
        // Most have no mask, and need not be looked up.
        !mask.is_empty() && self.logical(set).is_some_and(|one| mask.hides(one.signature))
    }

    fn logical(self, set: &BodySet) -> Option<&Logical> {
        set.logicals.get(self.logical as usize)
    }
}

/// The counts of one part, and what is under way of members without a body.
#[derive(Debug)]
pub(crate) struct Counting {
    follows: Follows,
    tallies: Tallies,
}

impl Counting {
    /// Bytes that it takes besides the counts of members, at most.
    pub(crate) const MEMORY_MAX: usize = Follows::MEMORY_MAX;

    /// Nothing was counted yet of a part of which `declared` is the size, if it is declared.
    pub(crate) fn new(set: &BodySet, index: &Index, declared: Option<u64>) -> Self {
        let tallies = Tallies::new(&set.logicals, &index.holding, declared);
        Self { follows: Follows::default(), tallies }
    }

    /// Tells it what the part is besides its bytes, before anything is counted.
    pub(crate) fn set_part(
        &mut self,
        set: &BodySet,
        index: &Index,
        layout: Option<&Layout>,
        containers: &Containers,
    ) {
        for number in &index.conditional {
            let logical = set.logicals.get(*number as usize);
            if logical.is_some_and(|one| !one.is_for(layout, containers)) {
                self.tallies.bar(*number);
            }
        }
    }

    /// Nothing is counted for signatures that hold without a match and are never found.
    pub(crate) fn bar_hidden(&mut self, set: &BodySet, index: &Index, found: &Found) {
        if found.mask().is_empty() {
            return;
        }
        for number in &index.holding {
            let logical = set.logicals.get(*number as usize);
            if logical.is_some_and(|one| found.mask().hides(one.signature)) {
                self.tallies.bar(*number);
            }
        }
    }

    /// Whether more was under way than is remembered, so that something may have been missed.
    pub(crate) const fn is_overwhelmed(&self) -> bool {
        self.follows.is_overwhelmed
    }

    /// Whether one more match of a member makes no difference.
    pub(crate) fn is_full(&self, set: &BodySet, of: Member, found: &Found) -> bool {
        let is_full = |one| self.tallies.is_full(one, of.logical, of.member, found);
        of.logical(set).is_some_and(is_full)
    }

    /// The body of a member has matched.
    pub(crate) fn member(
        &mut self,
        set: &BodySet,
        of: Member,
        has_gaps: bool,
        at: Match,
        found: &mut Found,
    ) {
        let Some(one) = of.logical(set) else { return };
        if found.mask().hides(one.signature) {
            return;
        }
        if !one.followers.is_empty() {
            self.trigger(set, one, of, at, found);
        }
        let hit = Hit { end: at.end, signature: one.signature, start: at.start };
        self.tallies.count(one, of.logical, of.member, has_gaps, hit, found);
    }

    /// A member has matched: what looks from there is under way.
    fn trigger(
        &mut self,
        set: &BodySet,
        one: &Logical,
        of: Member,
        Match { start, end }: Match,
        found: &mut Found,
    ) {
        if self.is_full(set, of, found) {
            return;
        }
        for (follower, index) in one.followers.iter().zip(0u8..) {
            if follower.trigger != of.member {
                continue;
            }
            let wait = Wait { start, end, logical: of.logical, follower: index };
            match &follower.sight {
                Sight::Bytes(compare) => self.follows.wait_for_bytes(wait, compare),
                Sight::Group { group, distance } => {
                    for (at, to) in self.follows.seen_of(*group) {
                        if at.checked_sub(start).is_some_and(|far| distance.contains(&far)) {
                            self.follower(set, wait, Match { start: at, end: to }, found);
                        }
                    }
                    self.follows.wait_for_group(wait, *distance.end());
                }
            }
        }
    }

    /// A body of a group has matched; `macros` are those of the [`Index`].
    pub(crate) fn group(
        &mut self,
        set: &BodySet,
        macros: &[(u8, u32, u8)],
        group: u8,
        at: Match,
        found: &mut Found,
    ) {
        for (_, logical, follower) in macros.iter().filter(|one| one.0 == group) {
            let one = set.logicals.get(*logical as usize);
            let one = one.and_then(|one| one.followers.get(usize::from(*follower)));
            let Some(Sight::Group { distance, .. }) = one.map(|one| &one.sight) else { continue };
            for wait in self.follows.waiting_for(*logical, *follower) {
                if at.start.checked_sub(wait.start).is_some_and(|far| distance.contains(&far)) {
                    self.follower(set, wait, at, found);
                }
            }
        }
        if !macros.is_empty() {
            self.follows.see(group, at.start, at.end);
        }
    }

    /// Compares the numbers that end at `to` or before.
    pub(crate) fn numbers(
        &mut self,
        set: &BodySet,
        window: Window<'_>,
        to: u64,
        found: &mut Found,
    ) {
        while let Some((wait, at)) = self.follows.next_number(to) {
            let one = set.logicals.get(wait.logical as usize);
            let one = one.and_then(|one| one.followers.get(usize::from(wait.follower)));
            let Some(Sight::Bytes(compare)) = one.map(|one| &one.sight) else { continue };
            let bytes = bytes_from(window, at).and_then(|bytes| bytes.get(..compare.len));
            if bytes.is_some_and(|bytes| compare.holds(bytes)) {
                let end = at.saturating_add(compare.len as u64);
                self.follower(set, wait, Match { start: at, end }, found);
            }
        }
    }

    /// What looks from a trigger has found what it looks for.
    fn follower(&mut self, set: &BodySet, wait: Wait, at: Match, found: &mut Found) {
        let Some(one) = set.logicals.get(wait.logical as usize) else { return };
        let Some(follower) = one.followers.get(usize::from(wait.follower)) else { return };
        let end = wait.end.max(at.end);
        let hit = Hit { end, signature: one.signature, start: wait.start };
        self.tallies.count(one, wait.logical, follower.member, false, hit, found);
    }

    /// Searches `part` for the regular expressions of those of the signatures `numbers` of which a
    /// trigger holds.
    pub(crate) fn regexes(
        &mut self,
        set: &BodySet,
        numbers: &[u32],
        part: &Whole<'_>,
        found: &mut Found,
    ) -> Result<(), Unscannable> {
        let (mut outcome, mut work) = (Ok(()), part.work);
        for number in numbers {
            let Some(logical) = set.logicals.get(*number as usize) else { continue };
            for one in &logical.regexes {
                let is_out = self.tallies.is_out(logical, *number, part.size, found);
                if is_out || !self.tallies.holds(*number, &one.trigger) {
                    continue;
                }
                let tallies = &mut self.tallies;
                let report = |start, end| {
                    let hit = Hit { end, signature: logical.signature, start };
                    tallies.count(logical, *number, one.member, false, hit, found);
                    let is_full = tallies.is_full(logical, *number, one.member, found);
                    if is_full { Enough::Yes } else { Enough::No }
                };
                let searched = match part.bytes {
                    None => Err(Unscannable::TooLarge),
                    Some(bytes) => {
                        one.search(bytes, part.layout, &mut work, report).map_err(|gave| match gave
                        {
                            Gave::Up => Unscannable::WorkExceeded,
                            Gave::No => Unscannable::Unsupported,
                        })
                    }
                };
                if let Err(reason) = searched {
                    // What was not searched must not count as not found.
                    self.tallies.bar(*number);
                    outcome = Err(reason);
                }
            }
        }
        outcome
    }

    /// Some matches were lost: no signature counts any more of which the expression may hold because
    /// of that.
    pub(crate) fn bar_uncertain(&mut self, set: &BodySet) {
        for number in (0u32..).take(set.logicals.len()) {
            let logical = set.logicals.get(number as usize);
            if logical.is_some_and(|one| !one.expression.is_monotone()) {
                self.tallies.bar(number);
            }
        }
    }

    /// All up to `end` was looked at, and no body looks back over more than `lookback` bytes.
    pub(crate) fn forget(&mut self, end: u64, lookback: u64) {
        self.follows.forget(end, lookback);
    }

    /// Where the first bytes begin that a signature which may yet be found is about; the greatest
    /// position if there is none.
    pub(crate) fn from(&self, set: &BodySet, found: &Found) -> u64 {
        let standing = self.tallies.standing_from().unwrap_or(u64::MAX);
        standing.min(self.follows.from(set, found))
    }

    /// The part has ended, and has `size` bytes: what holds is found.
    pub(crate) fn finish(&self, set: &BodySet, size: u64, found: &mut Found) {
        self.tallies.finish(&set.logicals, size, found);
    }
}

stored_struct!(Member { logical, member });
