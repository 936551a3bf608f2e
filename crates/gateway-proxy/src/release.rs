//! What of a body may leave before it has been scanned as a whole, by what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gateway_inspect::{HoldPolicy, PartKind};

/// How bodies are released by their type, where that is another way than that of the scanners that look
/// at them. The type is that which the first bytes show, never the declared one.
///
/// It is about scanners within: what a scanner [outside](crate::External) wants held is held besides. A
/// finding that is located stays, and so does the end, whatever is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    by_kind: BTreeMap<PartKind, HoldPolicy>,
    /// Types of which a browser gets a page meanwhile.
    behind_page: BTreeSet<PartKind>,
    /// How long a response may take before a page stands for it.
    page_after: Duration,
}

impl Release {
    /// Says how bodies of this type are released.
    pub fn set(&mut self, kind: PartKind, policy: HoldPolicy) {
        self.by_kind.insert(kind, policy);
        self.behind_page.remove(&kind);
    }

    /// Says that a user who navigates to a body of this type gets a page once it takes longer than
    /// [`set_page_after`](Self::set_page_after) says, and whoever else asks for it gets it as `otherwise` says.
    pub fn set_behind_page(&mut self, kind: PartKind, otherwise: HoldPolicy) {
        self.by_kind.insert(kind, otherwise);
        self.behind_page.insert(kind);
    }

    /// How long after its first byte a page stands for a response. Default 0.
    pub const fn set_page_after(&mut self, after: Duration) {
        self.page_after = after;
    }

    /// How bodies of this type are released; `None` where nothing else is said.
    #[must_use]
    pub fn of(&self, kind: PartKind) -> Option<HoldPolicy> {
        self.by_kind.get(&kind).copied()
    }

    /// Whether a page may stand for a body of this type.
    #[must_use]
    pub fn is_behind_page(&self, kind: PartKind) -> bool {
        self.behind_page.contains(&kind)
    }

    /// Whether there is any such type.
    pub(crate) fn has_pages(&self) -> bool {
        !self.behind_page.is_empty()
    }

    /// How long a response may take before a page stands for it.
    pub(crate) const fn page_after(&self) -> Duration {
        self.page_after
    }
}
