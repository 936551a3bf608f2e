//! What a body has shown: plain data, for the rules and the record. Of most bodies it is nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

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
}

impl Found {
    /// What a body has shown that nobody looks at.
    pub(super) fn nothing() -> &'static Self {
        static NOTHING: LazyLock<Found> = LazyLock::new(Found::default);
        &NOTHING
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
