//! The bytes that the run of a program sees, and what is known of those beside them.

use regex_syntax::hir::Look;

use crate::look::holds;

/// The bytes that a run sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reel<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where they end for this run: what stands behind is not looked at.
    pub(crate) edge: usize,
    /// Where the longest match that is allowed ends.
    pub(crate) limit: usize,
    pub(crate) after: After,
}

/// What comes behind the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The end of the part.
    End,
    /// Something that is not known yet.
    Open,
}

impl Reel<'_> {
    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        if at < self.edge { self.bytes.get(at).copied() } else { None }
    }

    pub(crate) fn before(&self, at: usize) -> Option<u8> {
        self.bytes.get(at.checked_sub(1)?).copied()
    }

    /// Whether what stands at `at` cannot be known yet.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        at >= self.edge && self.after == After::Open
    }

    /// Whether `look` holds at `at`; `None` if that cannot be known yet.
    pub(crate) fn holds(&self, look: Look, at: usize) -> Option<bool> {
        let before = self.before(at);
        if look == Look::Start {
            return Some(before.is_none());
        }
        let needs_before_alone =
            matches!(look, Look::StartLF | Look::WordStartHalfAscii | Look::WordStartHalfUnicode);
        if self.is_open(at) && !needs_before_alone {
            return None;
        }
        Some(holds(look, before, self.byte(at)))
    }
}
