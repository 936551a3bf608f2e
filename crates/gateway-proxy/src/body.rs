//! The pipeline of one body: unpack, inspect, tally, hold, release.
//!
//! It finds and holds; it decides nothing. The transaction turns its tally into facts, asks the
//! rules, and tells it how far the answer reaches.

mod deferred;
mod found;
mod head;
mod messages;
mod prompt;
mod redact;
mod release;
mod scans;
mod wants;
mod watch;
mod work;

use std::time::Instant;

use bytes::Bytes;
use gateway_content::{BodyInfo, Unpacker};
use gateway_h1h2::{BodySize, Fields};
use gateway_inspect::{Hold, HoldPolicy, Offset, Quote, Unscannable};

use self::deferred::ByType;
pub(crate) use self::found::Found;
pub(crate) use self::head::HeadText;
pub(crate) use self::messages::Kept;
use self::messages::{Before, moved, moved_id};
use self::prompt::PromptSeen;
#[cfg(feature = "fuzz")]
pub use self::prompt::prompt_places;
use self::redact::{Editable, Redactor};
pub(crate) use self::redact::{MASK, Redaction};
pub(crate) use self::release::Release;
pub(crate) use self::wants::{Sample, Wants};
use self::watch::Watch;
pub(crate) use self::work::Worked;
use crate::facts::BodySeen;
use crate::policy::Policy;
use crate::tee::Tee;

/// One body on its way through. Most are looked at by nobody: what only the others need is kept
/// apart.
pub(crate) struct Body {
    watch: Option<Box<Watch>>,
    unpacker: Option<Box<Unpacker>>,
    /// Copies for scanners outside, whose verdicts the end waits for.
    tee: Option<Box<Tee>>,
    /// What was seen of it, if there was anything.
    found: Option<Box<Found>>,
    /// The prompt that it carries, where rules want to know of that.
    prompt: Option<Box<PromptSeen>>,
    /// What is overwritten, where rules may want that.
    redactor: Option<Box<Redactor>>,
    sample: Sample,
    hold: Hold,
    holds: bool,
    /// Released as its type is: whoever looks at it, it counts as scanned at its end alone.
    by_type: ByType,
    /// Wire position of the first relevant finding that is undecided.
    undecided: Option<Offset>,
    /// When the first byte came.
    first: Option<Instant>,
    /// Since when bytes are held, as far as the limit on it goes.
    since: Option<Instant>,
    last: Option<Instant>,
    /// Whether an idle release was considered since the last byte came.
    idle_looked_at: bool,
    end: End,
    /// There is news that the rules have not been told of.
    untold: bool,
    /// What came before, where messages follow each other.
    before: Before,
    /// Parts of this message that have opened.
    opened: u32,
    /// Bytes that left although a candidate was alive, because nothing came for too long.
    pub(crate) idle_released: u64,
}

/// How far the end has come.
enum End {
    /// The sender has more.
    Open,
    /// The sender has ended the body; what it holds is still being looked at.
    Came(Option<Fields>),
    /// Everything was looked at; the rules have the last word.
    Settled(Option<Fields>),
    /// Everything may leave, and the end after it.
    Decided(Option<Fields>),
    /// The end has left.
    Left,
}

impl Body {
    /// A body of the declared `length`, of which `wants` is wanted.
    pub(crate) fn new(
        policy: &Policy,
        wants: &Wants,
        info: &BodyInfo,
        length: Option<u64>,
    ) -> Self {
        let limits = &policy.settings.limits;
        if wants.any.is_empty() {
            return Self::unwatched(policy);
        }
        let (watch, tee) = Watch::new(policy, wants);
        let holds = !wants.enforcing.is_empty();
        let mut hold =
            Hold::new(watch.hold, length.filter(|_| holds), limits.inspect.held_bytes_max);
        if !holds {
            hold.open();
        }
        let mut redactor = None;
        if holds && policy.rules.may_redact() {
            let redactor = redactor.insert(Box::new(Redactor::new(Editable::Yes)));
            wants.redaction.iter().for_each(|redaction| redactor.set(redaction));
        }
        let mut unpacker = watch.unpacker(info, tee.as_deref(), limits);
        if redactor.is_some() {
            unpacker.tell_spans();
        }
        Self {
            unpacker: Some(unpacker),
            watch: Some(Box::new(watch)),
            tee,
            redactor,
            sample: wants.sample,
            holds,
            ..Self::passing(hold)
        }
    }

    /// The body of a message with these `fields`, of which `wants` is wanted.
    pub(crate) fn of_message(
        policy: &Policy,
        wants: &Wants,
        fields: &Fields,
        size: BodySize,
    ) -> Self {
        let info = match wants.any.is_empty() {
            true => BodyInfo::default(),
            false => crate::rewrite::body_info(fields, size),
        };
        let mut body = Self::new(policy, wants, &info, crate::rewrite::length(size));
        if body.redactor.is_some() && crate::rewrite::forbids_changes(fields) {
            body.forbid_edits();
        }
        body
    }

    /// A body that nobody wants to look at.
    pub(crate) fn unwatched(policy: &Policy) -> Self {
        let mut hold =
            Hold::new(HoldPolicy::Pass, None, policy.settings.limits.inspect.held_bytes_max);
        hold.open();
        Self::passing(hold)
    }

    const fn passing(hold: Hold) -> Self {
        Self {
            watch: None,
            unpacker: None,
            tee: None,
            found: None,
            prompt: None,
            redactor: None,
            sample: Sample::No,
            hold,
            holds: false,
            by_type: ByType::No,
            undecided: None,
            first: None,
            since: None,
            last: None,
            idle_looked_at: false,
            end: End::Open,
            untold: false,
            before: Before::NONE,
            opened: 0,
            idle_released: 0,
        }
    }

    /// What it has shown so far.
    pub(crate) fn found(&self) -> &Found {
        self.found.as_deref().unwrap_or_else(|| Found::nothing())
    }

    /// Whether nobody has looked at any of it, so that there is nothing to tell.
    pub(crate) fn was_unwatched(&self) -> bool {
        self.watch.is_none() && self.unpacker.is_none() && self.found.is_none()
    }

    /// What was found in it, with what stands around, where somebody wants to know.
    pub(crate) fn quotes(&self) -> Vec<Quote> {
        let quotes = self.watch.as_ref().and_then(|watch| watch.quotes.as_ref());
        quotes.map_or_else(Vec::new, |quotes| quotes.list())
    }

    fn found_mut(&mut self) -> &mut Found {
        self.found.get_or_insert_default()
    }

    /// Why those who only count could not look at all of it.
    pub(crate) fn gaps(&self) -> Vec<Unscannable> {
        self.watch.as_ref().map_or_else(Vec::new, |watch| watch.gaps.reasons().collect())
    }

    /// Whether bytes may have to wait here.
    pub(crate) fn holds(&self) -> bool {
        self.holds
    }

    /// Bytes that came in so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.before.bytes + self.hold.admitted().as_u64()
    }

    /// Bytes that are held.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.hold.held()
    }

    /// These, in the pieces in which they came.
    pub(crate) fn held_pieces(&self) -> Vec<Bytes> {
        self.hold.pieces().cloned().collect()
    }

    /// Bytes that have left so far.
    pub(crate) fn released(&self) -> u64 {
        self.before.released + self.hold.released().as_u64()
    }

    /// Decoded bytes that were looked at.
    pub(crate) fn scanned_bytes(&self) -> u64 {
        self.before.scanned + self.unpacker.as_ref().map_or(0, |unpacker| unpacker.scanned_bytes())
    }

    /// Whether more bytes can be taken in.
    pub(crate) fn has_room(&self) -> bool {
        let behind = self.tee.as_ref().is_some_and(|tee| tee.is_behind());
        self.hold.room() > 0 && !behind && matches!(self.end, End::Open)
    }

    /// Takes in the next bytes.
    pub(crate) fn push(&mut self, bytes: Bytes, now: Instant) {
        self.first.get_or_insert(now);
        self.since.get_or_insert(now);
        self.last = Some(now);
        self.idle_looked_at = false;
        if let Some(prompt) = &mut self.prompt {
            prompt.places.read(&bytes);
        }
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.push(bytes.clone());
        }
        self.hold.admit(bytes);
    }

    /// The sender has ended the body.
    pub(crate) fn end(&mut self, trailers: Option<Fields>) {
        self.end = End::Came(trailers);
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.end();
        }
    }

    /// What it has shown so far.
    pub(crate) fn seen(&self) -> BodySeen<'_> {
        let Found { tally, kinds, root_kind, .. } = self.found();
        let prompt = self.prompt();
        BodySeen { tally, prompt, kinds, root_kind: *root_kind, bytes: self.bytes() }
    }

    /// Whether the sender has ended the body.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(self.end, End::Open)
    }
}
