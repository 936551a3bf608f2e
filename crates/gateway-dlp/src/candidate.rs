//! A candidate: a match of an entry that has begun and is not decided yet.

use crate::compiled::Best;
use crate::machine::Thread;

/// One candidate.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// The entry, by index.
    pub(crate) entry: u32,
    /// Where the match starts.
    pub(crate) start: u64,
    /// Where its program begins: behind its lead.
    pub(crate) at: u64,
    /// The ways that are open; none once it is decided.
    pub(crate) threads: Vec<Thread>,
    /// The match that it has, if any.
    pub(crate) best: Option<Best>,
}

/// How far the parts that were found reach, by entry: what begins before is not looked for. An
/// entry is in it as long as it matters.
#[derive(Debug, Default)]
pub(crate) struct Covers(Vec<(u32, u64)>);

impl Covers {
    /// Where the last match of `entry` ends.
    pub(crate) fn end(&self, entry: u32) -> u64 {
        self.0.iter().find(|(other, _)| *other == entry).map_or(0, |(_, end)| *end)
    }

    pub(crate) fn set(&mut self, entry: u32, end: u64) {
        match self.0.iter_mut().find(|(other, _)| *other == entry) {
            Some((_, old)) => *old = end.max(*old),
            None => self.0.push((entry, end)),
        }
    }

    /// Forgets what ends at `position` or before.
    pub(crate) fn forget(&mut self, position: u64) {
        self.0.retain(|(_, end)| *end > position);
        if self.0.is_empty() {
            self.0 = Vec::new();
        }
    }
}
