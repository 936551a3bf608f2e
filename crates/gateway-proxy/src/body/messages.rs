//! A body that is a row of messages: each begins anew, and what was found in all of them counts
//! together.

use std::collections::BTreeSet;

use gateway_content::BodyInfo;
use gateway_inspect::{Hold, HoldPolicy, PartId, PartKind, Place, Tally, Unscannable, Wanted};

use super::work::NOTED_MAX;
use super::{Body, End};
use crate::policy::Policy;

/// What earlier messages of the same direction had.
#[derive(Clone, Copy, Debug)]
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
    prompt: Option<Tally>,
    kinds: BTreeSet<PartKind>,
    wanted: Option<Wanted>,
    holds: bool,
}

impl Before {
    /// A body that is no row of messages, or has none yet.
    pub(super) const NONE: Self =
        Self { messages: 0, parts: 0, bytes: 0, released: 0, scanned: 0, missed: 0 };
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
            missed: self.found().tally.missed(),
        };
        self.before = before;
        self.opened = 0;
        // Scanners outside look at bodies, not at messages.
        self.tee = None;
        let watch = self.watch.as_ref().filter(|watch| !watch.wanted.is_empty());
        self.unpacker = watch.map(|watch| watch.unpacker(&BodyInfo::default(), None, limits));
        if let Some(redactor) = &mut self.redactor {
            redactor.begin_message();
        }
        if let Some(prompt) = &mut self.prompt {
            prompt.places.begin_message();
        }
        if self.redactor.is_some() || self.prompt.is_some() {
            self.unpacker.iter_mut().for_each(|unpacker| unpacker.tell_spans());
        }
        let policy = self.watch.as_ref().map_or(HoldPolicy::Pass, |watch| watch.hold);
        self.hold = Hold::new(policy, None, limits.inspect.held_bytes_max);
        if !self.holds {
            self.hold.open();
        }
        if let Some(found) = &mut self.found {
            let findings = &found.findings;
            found.noted.retain(|(id, ..)| findings.iter().any(|f| f.place.part() == *id));
        }
        (self.undecided, self.since, self.last) = (None, None, None);
        self.idle_looked_at = false;
        self.end = End::Open;
    }

    /// What is known before the message under way.
    pub(crate) fn keep(&self) -> Kept {
        let found = self.found();
        Kept {
            tally: found.tally.clone(),
            prompt: self.prompt.as_ref().map(|prompt| prompt.tally.clone()),
            kinds: found.kinds.clone(),
            wanted: self.watch.as_ref().map(|watch| watch.wanted.clone()),
            holds: self.holds,
        }
    }

    /// The message under way was taken out: the rules are not to know of it, the record is.
    pub(crate) fn forget_message(&mut self, kept: Kept) {
        let Kept { tally, prompt: kept, kinds, wanted, holds } = kept;
        if let (Some(prompt), Some(kept)) = (&mut self.prompt, kept) {
            prompt.tally = kept;
        }
        if let Some(found) = &mut self.found {
            found.take_out(tally, kinds);
        }
        if let (Some(watch), Some(wanted)) = (&mut self.watch, wanted) {
            watch.wanted = wanted;
        }
        self.holds = holds;
        self.undecided = None;
    }

    /// Whether anybody wants to look.
    pub(crate) fn is_watched(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| !watch.wanted.is_empty())
    }

    /// Bytes of the message under way that may leave, or have left.
    pub(crate) fn message_released(&mut self) -> u64 {
        while self.hold.pop().is_some() {}
        self.hold.released().as_u64()
    }

    /// The message under way cannot be decoded to its end.
    pub(crate) fn note_undecodable(&mut self, reason: Unscannable) {
        let name = self.path(String::new());
        let found = self.found_mut();
        if found.unscannable.len() < NOTED_MAX {
            found.unscannable.push((name, reason));
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
