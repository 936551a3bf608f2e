//! What a body has shown: plain data, for the rules and the record. Of most bodies it is nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use gateway_inspect::{Finding, PartId, PartKind, Tally, Unscannable};

/// What was seen of one body so far.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) tally: Tally,
    /// The types of its parts.
    pub(crate) kinds: BTreeSet<PartKind>,
    /// The type of the body itself.
    pub(crate) root_kind: Option<PartKind>,
    /// The first parts, by name and type, for the record.
    pub(super) noted: Vec<(PartId, String, PartKind)>,
    /// What was found, for the record.
    pub(crate) findings: Vec<Finding>,
    /// Parts that could not be looked at, by name, for the record.
    pub(crate) unscannable: Vec<(String, Unscannable)>,
    /// What messages held that were taken out, for the record.
    taken_out: TakenOut,
}

/// What was found by DLP in messages that were taken out.
#[derive(Debug, Default)]
struct TakenOut {
    profiles: BTreeSet<Arc<str>>,
    entries: BTreeMap<Arc<str>, u64>,
}

impl Found {
    /// What a body has shown that nobody looks at.
    pub(super) fn nothing() -> &'static Self {
        static NOTHING: LazyLock<Found> = LazyLock::new(Found::default);
        &NOTHING
    }

    /// The body whose types these were has ended, and what follows it is another.
    pub(super) fn forget_types(&mut self) {
        self.kinds.clear();
        self.root_kind = None;
    }

    /// What was found since `tally` and `kinds` were all is for the record alone.
    pub(super) fn take_out(&mut self, tally: Tally, kinds: BTreeSet<PartKind>) {
        let taken_out = std::mem::replace(&mut self.tally, tally);
        self.kinds = kinds;
        for (id, count) in taken_out.entries("dlp") {
            let before = self.tally.entries("dlp").find(|(known, _)| *known == id);
            let more = count - before.map_or(0, |(_, count)| count).min(count);
            if more > 0 {
                *self.taken_out.entries.entry(id.clone()).or_default() += more;
            }
        }
        self.taken_out.profiles.extend(taken_out.profiles().cloned());
    }

    /// The profiles that matched, and how often each entry of DLP was found, in what was taken out
    /// too.
    pub(crate) fn of_dlp(&self) -> (BTreeSet<&Arc<str>>, BTreeMap<Arc<str>, u64>) {
        let profiles = self.tally.profiles().chain(&self.taken_out.profiles).collect();
        let mut entries = self.taken_out.entries.clone();
        for (id, count) in self.tally.entries("dlp") {
            *entries.entry(id.clone()).or_default() += count;
        }
        (profiles, entries)
    }

    /// The path of a part through its containers.
    pub(crate) fn part_name(&self, id: PartId) -> &str {
        self.noted.iter().find(|(of, ..)| *of == id).map_or("", |(_, name, _)| name)
    }

    /// The type of a part.
    pub(crate) fn part_kind(&self, id: PartId) -> PartKind {
        self.noted.iter().find(|(of, ..)| *of == id).map_or(PartKind::Unknown, |(.., kind)| *kind)
    }
}
