//! The sink for findings: bounded, so that no content can make a scanner eat memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Entry, Finding, PartId};

/// How many findings there is room for in all, for each one of an entry.
const ENTRIES: usize = 4;

/// Entries, each in one part, of which findings beyond the room are counted. Of more they are lost.
const BEYOND_MAX: usize = 256;

/// Where inspectors put what they find.
///
/// Each inspector may put in only so many of each entry, and four times as many in all; what does not
/// fit is counted in [`missed`](Findings::missed) and by its entry in [`Beyond`], never silently
/// dropped. Where the count alone is not enough, a [`Chain`](crate::Chain) makes the part
/// [`TooMany`](crate::Unscannable::TooMany).
#[derive(Clone, Debug)]
pub struct Findings {
    list: Vec<Finding>,
    /// What the inspector at work may put in.
    room: Room,
    beyond: Vec<Beyond>,
    missed: u64,
    lost: u64,
}

/// What an inspector may still put in.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    of_entry: usize,
    in_all: usize,
    /// How many there are of each entry, by its id: inspectors are of one scanner.
    used: BTreeMap<Arc<str>, usize>,
}

/// Findings of one entry in one part that were made and counted, and of which no more is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// What was found.
    pub entry: Arc<Entry>,
    /// Where.
    pub part: PartId,
    /// How often.
    pub count: u64,
}

impl Room {
    /// Room for `max` findings of each entry.
    pub(crate) const fn new(max: usize) -> Self {
        Self { of_entry: max, in_all: max.saturating_mul(ENTRIES), used: BTreeMap::new() }
    }

    /// Takes room for one of `entry`, if there is any.
    fn take(&mut self, entry: &Entry) -> bool {
        if self.in_all == 0 || self.of_entry == 0 {
            return false;
        }
        let used = match self.used.get_mut(&entry.id) {
            Some(used) => used,
            None => self.used.entry(entry.id.clone()).or_default(),
        };
        let fits = *used < self.of_entry;
        *used += usize::from(fits);
        self.in_all -= usize::from(fits);
        fits
    }
}

impl Findings {
    /// An empty sink with room for `max` findings of each entry, and four times as many in all.
    /// Allocates nothing before the first.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { list: Vec::new(), room: Room::new(max), beyond: Vec::new(), missed: 0, lost: 0 }
    }

    /// An empty sink with the room that the inspector at work has in this one.
    #[must_use]
    pub fn beside(&self) -> Self {
        let mut own = Self::new(0);
        own.room = self.room.clone();
        own
    }

    /// Puts one in, or counts it as missed.
    pub fn push(&mut self, finding: Finding) {
        if self.room.take(&finding.entry) {
            self.list.push(finding);
        } else {
            self.missed += 1;
            self.count(finding);
        }
    }

    /// Counts one for which there is no room.
    fn count(&mut self, finding: Finding) {
        let part = finding.place.part();
        // Where it is must be known, too, to tell whether others are near.
        let needs_place = finding
            .entry
            .profiles
            .iter()
            .any(|profile| profile.within_bytes.is_some() && profile.distinct_min > 1);
        // Not every scanner shares its entries.
        let is_same = |entry: &Arc<Entry>| {
            Arc::ptr_eq(entry, &finding.entry)
                || (entry.scanner, &entry.id) == (finding.entry.scanner, &finding.entry.id)
        };
        let known = |one: &&mut Beyond| one.part == part && is_same(&one.entry);
        let has_room = self.beyond.len() < BEYOND_MAX;
        let is_counted = match self.beyond.iter_mut().find(known) {
            Some(one) => {
                one.count += 1;
                true
            }
            None if has_room => {
                self.beyond.push(Beyond { entry: finding.entry, part, count: 1 });
                true
            }
            None => false,
        };
        self.lost += u64::from(needs_place || !is_counted);
    }

    /// Gives the next inspector its own room, in exchange for that of the last one.
    pub(crate) const fn swap_room(&mut self, room: &mut Room) {
        std::mem::swap(&mut self.room, room);
    }

    /// How many did not fit, since this sink was made.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// How many of those are not counted by their entries, or are not done justice by that.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// Takes out what did not fit and is counted by its entry.
    pub fn take_beyond(&mut self) -> impl Iterator<Item = Beyond> + '_ {
        self.beyond.drain(..)
    }

    /// What is in it, in the order of reporting.
    #[must_use]
    pub fn as_slice(&self) -> &[Finding] {
        &self.list
    }

    /// Bytes of its own on the heap.
    #[cfg(feature = "conformance")]
    pub(crate) fn heap_bytes(&self) -> usize {
        self.list.capacity() * size_of::<Finding>()
            + self.beyond.capacity() * size_of::<Beyond>()
            + self.room.used.len() * 2 * size_of::<(Arc<str>, usize)>()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Confidence, Offset, Profile, Span};

    fn entry(id: &str, profile: Profile) -> Arc<Entry> {
        let (id, profiles) = (id.into(), vec![Arc::new(profile)]);
        Arc::new(Entry { scanner: "dlp", id, name: "".into(), profiles })
    }

    fn push(found: &mut Findings, entry: &Arc<Entry>, part: u32, times: usize) {
        let span = Span::new(Offset::new(3), Offset::new(5));
        for _ in 0..times {
            let (entry, part) = (Arc::clone(entry), PartId::new(part));
            found.push(Finding::content(entry, part, span, Confidence::Low));
        }
    }

    #[test]
    fn one_entry_takes_no_room_from_another() {
        let [many, one] = ["many", "one"].map(|id| entry(id, Profile::new("p")));
        let mut found = Findings::new(2);
        push(&mut found, &many, 0, 5);
        push(&mut found, &many, 1, 1);
        push(&mut found, &one, 1, 1);
        let listed: Vec<&str> = found.as_slice().iter().map(|one| &*one.entry.id).collect();
        assert_eq!(listed, ["many", "many", "one"]);
        assert_eq!((found.missed(), found.lost()), (4, 0));
        let beyond: Vec<Beyond> = found.take_beyond().collect();
        let of = |part, count| Beyond { entry: Arc::clone(&many), part: PartId::new(part), count };
        assert_eq!(beyond, [of(0, 3), of(1, 1)]);
        assert_eq!(found.beside().room.used, found.room.used);
    }

    #[test]
    fn all_entries_together_have_room_for_four_times_as_many() {
        let mut found = Findings::new(2);
        for id in ["a", "b", "c", "d", "e"] {
            push(&mut found, &entry(id, Profile::new("p")), 0, 2);
        }
        assert_eq!((found.as_slice().len(), found.missed(), found.lost()), (8, 2, 0));
    }

    #[test]
    fn what_is_not_done_justice_by_a_count_is_lost() {
        let near = Profile { within_bytes: Some(9), distinct_min: 2, ..Profile::new("p") };
        let mut found = Findings::new(1);
        push(&mut found, &entry("a", near), 0, 2);
        assert_eq!((found.missed(), found.lost()), (1, 1));

        let mut found = Findings::new(0);
        for id in 0..=BEYOND_MAX {
            push(&mut found, &entry(&id.to_string(), Profile::new("p")), 0, 1);
        }
        assert_eq!((found.missed(), found.lost()), (BEYOND_MAX as u64 + 1, 1));
    }
}
