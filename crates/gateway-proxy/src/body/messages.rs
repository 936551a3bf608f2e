//! A body that is a row of messages: each begins anew, and what was found in all of them counts
//! together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_content::{BodyInfo, Unpacker};
use gateway_inspect::{Hold, PartId, PartKind, Place, Tally, Unscannable, Wanted};

use super::{Body, End, NOTED_MAX};
use crate::policy::Policy;

/// What earlier messages of the same direction had.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    /// Messages, the one under way included; 0 for a body that is none.
    pub(super) messages: u64,
    pub(super) parts: u32,
    pub(super) bytes: u64,
    pub(super) released: u64,
    pub(super) scanned: u64,
    pub(super) missed: u64,
}

/// What is known of a direction at the beginning of a message.
pub(crate) struct Kept {
    tally: Tally,
    kinds: BTreeSet<PartKind>,
    wanted: Wanted,
    holds: bool,
}

/// What was found in messages that were taken out, for the record.
#[derive(Debug, Default)]
pub(crate) struct TakenOut {
    pub(crate) profiles: BTreeSet<Arc<str>>,
    pub(crate) entries: BTreeMap<Arc<str>, u64>,
}

impl Body {
    /// Begins the next message of a direction, the first one included: what was found so far
    /// stays and counts on, everything else begins anew.
    pub(crate) fn begin_message(&mut self, policy: &Policy) {
        let limits = &policy.settings.limits;
        let before = Before {
            messages: self.before.messages + 1,
            parts: self.before.parts.saturating_add(self.opened),
            bytes: self.bytes(),
            released: self.released(),
            scanned: self.scanned_bytes(),
            missed: self.tally.missed(),
        };
        self.before = before;
        self.opened = 0;
        // Scanners outside look at bodies, not at messages.
        self.tee = None;
        self.unpacker = (!self.wanted.is_empty()).then(|| {
            let (wanted, info) = (self.wanted.clone(), BodyInfo::default());
            let (content, inspect) = (&limits.content, &limits.inspect);
            Unpacker::new(self.examiners.clone(), wanted, &info, content, inspect)
        });
        self.hold = Hold::new(self.hold_policy, None, limits.inspect.held_bytes_max);
        if !self.holds {
            self.hold.open();
        }
        let found = |id: &PartId| self.findings.iter().any(|f| f.place.part() == *id);
        self.noted.retain(|(id, ..)| found(id));
        (self.undecided, self.since, self.last) = (None, None, None);
        self.idle_looked_at = false;
        self.end = End::Open;
    }

    /// What is known before the message under way.
    pub(crate) fn keep(&self) -> Kept {
        Kept {
            tally: self.tally.clone(),
            kinds: self.kinds.clone(),
            wanted: self.wanted.clone(),
            holds: self.holds,
        }
    }

    /// The message under way was taken out: the rules are not to know of it, the record is.
    pub(crate) fn forget_message(&mut self, kept: Kept) {
        let Kept { tally, kinds, wanted, holds } = kept;
        let taken_out = std::mem::replace(&mut self.tally, tally);
        for (id, count) in taken_out.entries("dlp") {
            let before = self.tally.entries("dlp").find(|(known, _)| *known == id);
            let more = count - before.map_or(0, |(_, count)| count).min(count);
            if more > 0 {
                *self.taken_out.entries.entry(id.clone()).or_default() += more;
            }
        }
        self.taken_out.profiles.extend(taken_out.profiles().cloned());
        (self.kinds, self.wanted, self.holds) = (kinds, wanted, holds);
        self.undecided = None;
    }

    /// Whether anybody wants to look.
    pub(crate) fn is_watched(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Bytes of the message under way that may leave, or have left.
    pub(crate) fn message_released(&mut self) -> u64 {
        while self.hold.pop().is_some() {}
        self.hold.released().as_u64()
    }

    /// The message under way cannot be decoded to its end.
    pub(crate) fn note_undecodable(&mut self, reason: Unscannable) {
        if self.unscannable.len() < NOTED_MAX {
            self.unscannable.push((self.path(String::new()), reason));
        }
    }

    /// The path of a part of this message, or of the body.
    pub(super) fn path(&self, name: String) -> String {
        match (self.before.messages, name.is_empty()) {
            (0, _) => name,
            (number, true) => format!("ws:{number}"),
            (number, false) => format!("ws:{number}/{name}"),
        }
    }
}

/// The same place when `parts` others are counted before.
pub(super) fn moved(place: Place, parts: u32) -> Place {
    match place {
        Place::Content { part, span } => Place::Content { part: moved_id(part, parts), span },
        Place::Structural { part, detected_at } => {
            Place::Structural { part: moved_id(part, parts), detected_at }
        }
    }
}

pub(super) const fn moved_id(part: PartId, parts: u32) -> PartId {
    PartId::new(part.index().saturating_add(parts))
}
