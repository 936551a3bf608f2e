//! How a body is released by its type; and one for which a page stands at the client meanwhile. Nothing of
//! that one reaches the client before its end was decided, so that all of it may go on to where it is kept.

use std::time::Instant;

use gateway_inspect::{HoldPolicy, PartId, PartKind};

use super::Body;
use super::watch::BehindPage;

/// Whether the type of a body decides how it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByType {
    /// It does not, or its type is not known yet.
    No,
    /// In this way.
    As(HoldPolicy),
    /// A page may stand for it; until then it is held as a whole.
    BehindPage(PartKind),
    /// A page stands for it.
    Deferred,
}

impl Body {
    /// A page may stand for it, if it is of a type that has one.
    pub(crate) fn may_be_deferred(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.behind_page = BehindPage::ByType;
        }
    }

    /// The body, if this is it and no message of many, is released as its type is.
    pub(super) fn follow_type(&mut self, part: PartId, kind: PartKind) {
        let is_it = part == PartId::ROOT && self.before.messages == 0;
        let Some(watch) = self.watch.as_ref().filter(|_| is_it) else { return };
        let Some(policy) = watch.hold_of(kind) else { return };
        self.by_type = match self.by_type {
            ByType::Deferred => return,
            _ if watch.puts_off(kind) => ByType::BehindPage(kind),
            _ => ByType::As(policy),
        };
        self.hold.follow(policy);
    }

    /// Since when it is waited for, if a page may stand for it and nothing of it has left.
    pub(crate) fn deferrable_since(&self) -> Option<Instant> {
        let waits = matches!(self.by_type, ByType::BehindPage(_)) && self.holds;
        self.first.filter(|_| waits && self.released() == 0)
    }

    /// A page stands for it: what comes may go on at once, its end once everything was looked at and the
    /// rules agree. What may have to be overwritten waits as ever.
    pub(crate) fn defer(&mut self) {
        self.by_type = ByType::Deferred;
        self.hold.follow(HoldPolicy::Pass);
        if self.redactor.is_none() {
            self.hold.open();
        }
    }

    /// No page can stand for it: it is released as its type says otherwise.
    pub(crate) fn give_up_page(&mut self) {
        let ByType::BehindPage(kind) = self.by_type else { return };
        let Some(watch) = &mut self.watch else { return };
        watch.behind_page = BehindPage::Not;
        let policy = watch.hold_of(kind).unwrap_or(watch.hold);
        self.by_type = ByType::As(policy);
        self.hold.follow(policy);
    }

    /// The name of the way in which it is released, where its type has decided that.
    pub(crate) fn release_mode(&self) -> Option<&'static str> {
        match self.by_type {
            ByType::No => None,
            ByType::Deferred => Some("progress"),
            // It was over, or given up, before a page was due.
            ByType::BehindPage(_) | ByType::As(HoldPolicy::Whole) => Some("hold"),
            ByType::As(HoldPolicy::Tail(_)) => Some("tail"),
            ByType::As(HoldPolicy::Trickle { .. }) => Some("trickle"),
            ByType::As(HoldPolicy::Pass) => Some("pass"),
        }
    }
}
