//! The sink for findings: bounded, so that no content can make a scanner eat memory.

use crate::Finding;

/// Where inspectors put what they find.
///
/// Each inspector may put in only so many; what does not fit is counted in
/// [`missed`](Findings::missed), never silently dropped, and a [`Chain`](crate::Chain) makes the
/// part [`TooMany`](crate::Unscannable::TooMany): what was not reported no rule can see.
#[derive(Clone, Debug)]
pub struct Findings {
    list: Vec<Finding>,
    /// How many more the inspector at work may put in.
    room: usize,
    missed: u64,
}

impl Findings {
    /// An empty sink with room for `max` findings. Allocates nothing before the first.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { list: Vec::new(), room: max, missed: 0 }
    }

    /// Puts one in, or counts it as missed.
    pub fn push(&mut self, finding: Finding) {
        if self.room > 0 {
            self.room -= 1;
            self.list.push(finding);
        } else {
            self.missed += 1;
        }
    }

    /// How many more the inspector at work may put in.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.room
    }

    /// Gives the next inspector its own room.
    pub const fn set_room(&mut self, room: usize) {
        self.room = room;
    }

    /// How many did not fit, since this sink was made.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// What is in it, in the order of reporting.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.list
    }

    /// Bytes of its own on the heap.
    #[cfg(feature = "conformance")]
    pub(crate) const fn heap_bytes(&self) -> usize {
        self.list.capacity() * size_of::<Finding>()
    }

    /// Takes everything out, in the order of reporting. Room is not given back.
    pub fn drain(&mut self) -> impl Iterator<Item = Finding> + '_ {
        self.list.drain(..)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
