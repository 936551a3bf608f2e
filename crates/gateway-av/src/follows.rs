//! What is under way of members that look from a match of another one.

use std::collections::BTreeSet;

use crate::body_set::BodySet;
use crate::byte_compare::ByteCompare;
use crate::found::Found;

/// How many of each kind may be under way.
const WAITS_MAX: usize = 1024;

/// A trigger that has matched, for one that looks from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait {
    /// Where the trigger begins.
    pub(crate) start: u64,
    /// Where it ends.
    pub(crate) end: u64,
    /// Index of the logical signature.
    pub(crate) logical: u32,
    /// Index among its followers.
    pub(crate) follower: u8,
}

/// All that is under way in a part.
#[derive(Debug, Default)]
pub(crate) struct Follows {
    /// Numbers that are not there yet: where the later of number and trigger ends, the trigger, and
    /// where the number begins.
    numbers: BTreeSet<(u64, Wait, u64)>,
    /// Those that look for a body of a group: up to where it may begin.
    groups: BTreeSet<(Wait, u64)>,
    /// Bodies of groups that have matched: where each begins, its group, and where it ends.
    seen: BTreeSet<(u64, u8, u64)>,
    /// Whether there was no room for one more.
    pub(crate) is_overwhelmed: bool,
}

impl Follows {
    /// Bytes that it takes at most.
    pub(crate) const MEMORY_MAX: usize = WAITS_MAX * 2 * (40 + 32 + 24);

    /// `wait` looks for a number; nothing is to be had where the part does not begin yet, or only
    /// begins, as ClamAV has it.
    pub(crate) fn wait_for_bytes(&mut self, wait: Wait, compare: &ByteCompare) {
        let Some(at) = wait.start.checked_add_signed(compare.offset).filter(|at| *at > 0) else {
            return;
        };
        let end = at.saturating_add(compare.len as u64).max(wait.end);
        if self.numbers.len() < WAITS_MAX {
            self.numbers.insert((end, wait, at));
        } else {
            self.is_overwhelmed = true;
        }
    }

    /// `wait` looks for a body of a group, up to `distance` bytes behind where its trigger begins.
    pub(crate) fn wait_for_group(&mut self, wait: Wait, distance: u64) {
        if self.groups.len() < WAITS_MAX {
            self.groups.insert((wait, wait.start.saturating_add(distance)));
        } else {
            self.is_overwhelmed = true;
        }
    }

    /// A body of `group` has matched.
    pub(crate) fn see(&mut self, group: u8, start: u64, end: u64) {
        if self.seen.len() < WAITS_MAX {
            self.seen.insert((start, group, end));
        } else {
            self.is_overwhelmed = true;
        }
    }

    /// Where bodies of `group` have matched: from and to.
    pub(crate) fn seen_of(&self, group: u8) -> Vec<(u64, u64)> {
        let of = self.seen.iter().filter(|(_, one, _)| *one == group);
        of.map(|(start, _, end)| (*start, *end)).collect()
    }

    /// Those that look for a body of a group, as follower `follower` of `logical`.
    pub(crate) fn waiting_for(&self, logical: u32, follower: u8) -> Vec<Wait> {
        let all = self.groups.iter().map(|(wait, _)| *wait);
        all.filter(|wait| (wait.logical, wait.follower) == (logical, follower)).collect()
    }

    /// The next number that is there with the bytes up to `to`, and where it begins.
    pub(crate) fn next_number(&mut self, to: u64) -> Option<(Wait, u64)> {
        let next = *self.numbers.first()?;
        if next.0 > to {
            return None;
        }
        self.numbers.remove(&next);
        Some((next.1, next.2))
    }

    /// All up to `end` was looked at, and no body looks back over more than `lookback` bytes:
    /// forgets what can come to nothing any more.
    pub(crate) fn forget(&mut self, end: u64, lookback: u64) {
        let from = end.saturating_sub(lookback);
        self.groups.retain(|(_, to)| *to >= from);
        self.seen.retain(|(start, _, _)| *start >= from);
    }

    /// Where the first trigger begins from which something is looked for that would be reported.
    pub(crate) fn from(&self, set: &BodySet, found: &Found) -> u64 {
        let numbers = self.numbers.iter().map(|(_, wait, _)| wait);
        let all = numbers.chain(self.groups.iter().map(|(wait, _)| wait)).filter(|wait| {
            let logical = set.logicals.get(wait.logical as usize);
            logical.is_some_and(|one| !found.contains(one.signature))
        });
        all.map(|wait| wait.start).min().unwrap_or(u64::MAX)
    }
}
