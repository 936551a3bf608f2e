//! What of a body may leave before it has been scanned as a whole, by what it is.

use std::collections::BTreeMap;

use gateway_inspect::{HoldPolicy, PartKind};

/// How bodies are released by their type, where that is another way than that of the scanners that look
/// at them. The type is that which the first bytes show, never the declared one.
///
/// It is about scanners within: what a scanner [outside](crate::External) wants held is held besides. A
/// finding that is located stays, and so does the end, whatever is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    by_kind: BTreeMap<PartKind, HoldPolicy>,
}

impl Release {
    /// Says how bodies of this type are released.
    pub fn set(&mut self, kind: PartKind, policy: HoldPolicy) {
        self.by_kind.insert(kind, policy);
    }

    /// How bodies of this type are released; `None` where nothing else is said.
    #[must_use]
    pub fn of(&self, kind: PartKind) -> Option<HoldPolicy> {
        self.by_kind.get(&kind).copied()
    }
}
