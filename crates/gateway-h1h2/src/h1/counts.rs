//! What the checks of a connection found: how often since it began, and what since somebody last
//! asked. What follows from it is the business of `judge`.

use std::fmt;

use super::Check;

/// Checks, each at most once, in the order of the table.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Found(u64);

const _: () = assert!(Check::ALL.len() <= u64::BITS as usize, "a bit for each check");

impl Found {
    /// No check.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Whether no check is among them.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds a check.
    pub const fn insert(&mut self, check: Check) {
        self.0 |= 1 << check as u8;
    }

    /// Adds those of another set.
    pub const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The checks.
    pub fn iter(self) -> impl Iterator<Item = Check> {
        Check::ALL.iter().copied().filter(move |check| self.0 & (1 << *check as u8) != 0)
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// How often each check found something on a connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Counts([u32; Check::ALL.len()]);

impl Counts {
    pub(super) const fn new() -> Self {
        Self([0; Check::ALL.len()])
    }

    pub(super) fn add(&mut self, check: Check) {
        if let Some(count) = self.0.get_mut(check as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How often this check found something, whatever its severity.
    pub fn of(&self, check: Check) -> u32 {
        self.0.get(check as usize).copied().unwrap_or(0)
    }

    /// The checks that found something, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (Check, u32)> {
        Check::ALL.iter().map(|check| (*check, self.of(*check))).filter(|(_, count)| *count > 0)
    }
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
