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
mod scans;
mod wants;
mod watch;

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, PartEvent, Step, Unpacker};
use gateway_h1h2::{BodySize, Fields};
use gateway_inspect::{
    Clearance, Hold, HoldPolicy, Offset, Part, PartId, Permit, Quote, Tally, Unscannable,
};

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
pub(crate) use self::wants::{Sample, Wants};
use self::watch::Watch;
use crate::facts::BodySeen;
use crate::policy::Policy;
use crate::tee::Tee;

/// Findings, and parts that could not be looked at, that the record names; all are counted.
const NOTED_MAX: usize = 64;

/// What is looked at in one step: about 0.2 ms of work. A push of 16 KiB that unpacks to 16 MiB then keeps
/// nobody else on the thread waiting, and of one that came as a large piece the beginning leaves before the
/// rest is looked at.
const STEP: Budget = Budget { decoded_bytes: 64 << 10, steps: 1_024 };

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

/// What a round of work has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worked {
    /// There is something new for the rules.
    pub(crate) news: bool,
    /// The budget is used up: there is more to do.
    pub(crate) again: bool,
    /// The body has ended and everything in it was looked at.
    pub(crate) settled: bool,
}

/// What leaves next.
pub(crate) enum Release {
    Data(Bytes),
    Trailers(Fields),
    End,
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

    /// Looks at what has come, within the budget of one step.
    pub(crate) fn work(&mut self, now: Instant) -> Worked {
        if self.tee.as_ref().is_some_and(|tee| tee.is_behind()) {
            let news = self.take_verdicts(now, Step::NeedInput);
            return Worked { news: self.tell_now(news), ..Worked::default() };
        }
        let Some(unpacker) = &mut self.unpacker else {
            return Worked { settled: self.settle(), ..Worked::default() };
        };
        let step = unpacker.step(STEP);
        let found = self.found.get_or_insert_default();
        let mut news = false;
        let events: Vec<PartEvent> = unpacker.parts().collect();
        for event in &events {
            let PartEvent::Opened(part) = event else { continue };
            let prompt = self.prompt.as_mut().map(|prompt| &mut prompt.tally);
            relate(part, self.before.parts, [Some(&mut found.tally), prompt]);
        }
        for mut report in unpacker.reports() {
            report.finding.place = moved(report.finding.place, self.before.parts);
            found.tally.fold(&report.finding, report.wire_start);
            if let Some(prompt) = &mut self.prompt
                && prompt.places.hold(report.spans.as_deref())
            {
                prompt.tally.fold(&report.finding, report.wire_start);
            }
            if let Some(redactor) = &mut self.redactor {
                redactor.note(&report.finding, report.spans);
            }
            if let Some(at) = report.wire_start {
                self.undecided = Some(self.undecided.map_or(at, |first| first.min(at)));
            }
            if found.findings.len() < NOTED_MAX {
                found.findings.push(report.finding);
            }
            news = true;
        }
        for mut beyond in unpacker.beyond() {
            beyond.part = moved_id(beyond.part, self.before.parts);
            found.tally.fold_beyond(&beyond);
            // Whether they are in the prompt nobody knows.
            if let Some(prompt) = &mut self.prompt {
                prompt.tally.fold_beyond(&beyond);
            }
            self.undecided.get_or_insert(Offset::ZERO);
            news = true;
        }
        let missed = self.before.missed + unpacker.missed();
        found.tally.fold_missed(missed.saturating_sub(found.tally.missed()));
        for event in events {
            news |= self.fold_part(event);
        }
        news |= self.take_verdicts(now, step);
        news = self.tell_now(news);
        match step {
            Step::Again | Step::Full => Worked { news, again: true, settled: false },
            Step::NeedInput => Worked { news, ..Worked::default() },
            Step::Done => Worked { news, again: false, settled: self.settle() },
        }
    }

    /// How far inspectors and scanners outside have cleared the body.
    fn clearance(&self) -> Clearance {
        let inside =
            self.unpacker.as_ref().map_or(Clearance::OPEN, |unpacker| unpacker.clearance());
        let whole = self.watch.as_ref().is_some_and(|watch| watch.holds_the_whole());
        let open = self.by_type != ByType::No
            || whole
            || self.tee.as_ref().is_some_and(|tee| tee.is_open());
        if open { Clearance { part: Offset::ZERO, ..inside } } else { inside }
    }

    /// Bytes can be held no longer: what is not yet known stays unknown, for the reason given.
    /// Returns whether that is news.
    pub(crate) fn give_up(&mut self, reason: Unscannable, now: Instant) -> bool {
        let mut news = false;
        // Time passes while a long body streams; a scan has time-outs of its own.
        if let (Some(tee), Unscannable::TooLarge) = (&mut self.tee, reason) {
            tee.give_up(&mut self.found.get_or_insert_default().tally, now);
            news |= tee.take_news();
        }
        let tally = &mut self.found.get_or_insert_default().tally;
        for scanner in self.watch.iter().flat_map(|watch| &watch.scanners) {
            if !tally.unscannable(scanner).any(|known| known == reason) {
                tally.fold_unscannable(scanner, reason);
                news = true;
            }
        }
        news
    }

    /// Nobody objected after [`Body::give_up`]: what has come may leave.
    pub(crate) fn let_go(&mut self, now: Instant) {
        self.hold.open_to(self.hold.admitted());
        self.since = Some(now);
    }

    /// What it has shown so far.
    pub(crate) fn seen(&self) -> BodySeen<'_> {
        let Found { tally, kinds, root_kind, .. } = self.found();
        let prompt = self.prompt();
        BodySeen { tally, prompt, kinds, root_kind: *root_kind, bytes: self.bytes() }
    }

    /// The rules are about to refuse, unless something still to come makes an exception.
    pub(crate) fn keep_all(&mut self) {
        self.undecided = Some(Offset::ZERO);
    }

    /// The rules have seen everything found so far and found it in order.
    pub(crate) fn cleared_by_rules(&mut self) {
        self.undecided = None;
    }

    /// Moves the mark up to which bytes may leave.
    pub(crate) fn advance(&mut self, now: Instant) {
        if !self.holds {
            return;
        }
        let clearance = self.clearance();
        let of_rules = self.undecided.unwrap_or(Offset::MAX);
        let of_profiles = self.found().tally.undecided_from().unwrap_or(Offset::MAX);
        let held_ms = self.first.map_or(0, |first| millis(first, now));
        self.hold.allow(&Permit { clearance, decided_to: of_rules.min(of_profiles), held_ms });
    }

    /// Releases what a live candidate alone keeps back, if nothing has come for `idle_ms`.
    pub(crate) fn release_idle(&mut self, idle_ms: u64, now: Instant) {
        let idle = self.last.is_some_and(|last| millis(last, now) >= idle_ms);
        if idle_ms == 0 || !idle || self.idle_looked_at || self.has_ended() {
            return;
        }
        self.idle_looked_at = true;
        if self.unpacker.is_none() {
            return;
        }
        let undecided = self.undecided.into_iter().chain(self.found().tally.undecided_from()).min();
        let clearance = self.clearance();
        let to = undecided.unwrap_or(Offset::MAX).min(self.hold.admitted()).min(clearance.part);
        if clearance.span < to {
            let before = self.hold.released().max(clearance.span);
            self.idle_released += to.since(before);
            self.hold.open_to(to);
        }
    }

    /// When holding began, while bytes are held.
    pub(crate) fn held_since(&self) -> Option<Instant> {
        if self.holds && self.hold.held() > 0 { self.since } else { None }
    }

    /// Whether bytes have been held for `ms` milliseconds.
    pub(crate) fn is_held_longer_than(&self, ms: u64, now: Instant) -> bool {
        self.held_since().is_some_and(|since| millis(since, now) >= ms)
    }

    /// When an idle release is due, if one may be.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        if self.idle_looked_at || self.has_ended() {
            None
        } else {
            self.held_since().and(self.last)
        }
    }

    /// When a trickle is due, if bytes wait for one.
    pub(crate) fn trickles_at(&self) -> Option<Instant> {
        if !self.holds {
            return None;
        }
        self.first?.checked_add(Duration::from_millis(self.hold.trickles_at_ms()?))
    }

    /// Whether the hold is full and nothing can leave.
    pub(crate) fn is_stuck(&self) -> bool {
        self.holds && self.hold.room() == 0
    }

    /// The rules have allowed the end.
    pub(crate) fn decide_end(&mut self) {
        if let End::Settled(trailers) = &mut self.end {
            self.end = End::Decided(trailers.take());
            self.hold.open();
        }
    }

    /// What leaves next, if anything may.
    pub(crate) fn pop(&mut self) -> Option<Release> {
        if let Some(bytes) = self.hold.pop() {
            return Some(Release::Data(bytes));
        }
        let is_edited = self.may_be_edited();
        match &mut self.end {
            End::Decided(trailers) => match trailers.take() {
                Some(mut trailers) => {
                    if is_edited {
                        crate::rewrite::forget_content(&mut trailers);
                    }
                    Some(Release::Trailers(trailers))
                }
                None => {
                    self.end = End::Left;
                    Some(Release::End)
                }
            },
            End::Open | End::Came(_) | End::Settled(_) | End::Left => None,
        }
    }

    /// Whether the next [`Body::pop`] gives something.
    pub(crate) fn has_release(&self) -> bool {
        self.hold.has_release() || matches!(self.end, End::Decided(_))
    }

    /// Whether the sender has ended the body.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(self.end, End::Open)
    }

    /// Whether the end has left.
    pub(crate) fn has_left(&self) -> bool {
        matches!(self.end, End::Left)
    }

    /// Marks the end as looked at; whether it is, newly.
    fn settle(&mut self) -> bool {
        if self.tee.as_ref().is_some_and(|tee| tee.is_open()) {
            return false;
        }
        match &mut self.end {
            End::Came(trailers) => {
                self.end = End::Settled(trailers.take());
                true
            }
            End::Open | End::Settled(_) | End::Decided(_) | End::Left => false,
        }
    }

    /// Whether the event is news for the rules. What cannot be unpacked in full cannot be scanned
    /// in full by anybody.
    fn fold_part(&mut self, event: PartEvent) -> bool {
        match event {
            PartEvent::Opened(part) => {
                let (id, name) = (moved_id(part.id, self.before.parts), self.path(part.name));
                self.opened += 1;
                self.follow_type(part.id, part.kind);
                let found = self.found_mut();
                if found.noted.len() < NOTED_MAX {
                    found.noted.push((id, name, part.kind));
                }
                found.kinds.insert(part.kind)
            }
            PartEvent::Retyped { part, kind } => {
                self.follow_type(part, kind);
                self.found_mut().kinds.insert(kind)
            }
            PartEvent::Ended(end) => {
                if end.part.id == PartId::ROOT && self.before.messages == 0 {
                    self.found_mut().root_kind = Some(end.part.kind);
                }
                let Some(reason) = end.outcome.unscannable else { return false };
                let name = self.path(end.part.name);
                let found = self.found.get_or_insert_default();
                found.tally.fold_unscannable(Unpacker::SCANNER, reason);
                for scanner in self.watch.iter().flat_map(|watch| &watch.scanners) {
                    found.tally.fold_unscannable(scanner, reason);
                }
                if found.unscannable.len() < NOTED_MAX {
                    found.unscannable.push((name, reason));
                }
                true
            }
        }
    }
}

/// Tells tallies what a part is of its parent; `before` parts were met before this message.
fn relate(part: &Part, before: u32, tallies: [Option<&mut Tally>; 2]) {
    let Some(of) = part.parent else { return };
    let [id, of] = [part.id, of].map(|id| moved_id(id, before));
    for tally in tallies.into_iter().flatten() {
        if part.view {
            tally.relate(id, of);
        }
        if let Some(at) = part.copied_at {
            tally.place(id, of, at);
        }
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
