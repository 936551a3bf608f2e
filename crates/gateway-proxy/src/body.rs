//! The pipeline of one body: unpack, inspect, tally, hold, release.
//!
//! It finds and holds; it decides nothing. The transaction turns its tally into facts, asks the
//! rules, and tells it how far the answer reaches.

mod messages;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, PartEvent, Step, Unpacker};
use gateway_h1h2::Fields;
use gateway_inspect::{
    Clearance, Examiner, Finding, Hold, HoldPolicy, Offset, PartId, PartKind, Permit, Tally,
    Unscannable, Wanted,
};

pub(crate) use self::messages::Kept;
use self::messages::{Before, TakenOut, moved, moved_id};
use crate::external::{ScanFailure, ScanInput, ScanReport};
use crate::facts::BodySeen;
use crate::policy::{Policy, Scanner};
use crate::shadow::{Gaps, Shadow};
use crate::tee::{self, Scanned, Tee};

/// Findings, and parts that could not be looked at, that the record names; all are counted.
const NOTED_MAX: usize = 64;

/// What is wanted of a body, and by whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wants {
    /// What any rule wants to know, counting rules included.
    pub(crate) any: Wanted,
    /// What enforcing rules want to know: bytes are held for that alone.
    pub(crate) enforcing: Wanted,
}

/// One body on its way through.
pub(crate) struct Body {
    unpacker: Option<Unpacker>,
    /// Copies for scanners outside, whose verdicts the end waits for.
    tee: Option<Box<Tee>>,
    /// What is wanted, and who is to look.
    wanted: Wanted,
    examiners: Arc<[Arc<dyn Examiner>]>,
    hold_policy: HoldPolicy,
    /// What those who only count could not look at.
    pub(crate) gaps: Arc<Gaps>,
    hold: Hold,
    holds: bool,
    scanners: Vec<&'static str>,
    pub(crate) tally: Tally,
    /// The types of its parts.
    pub(crate) kinds: BTreeSet<PartKind>,
    /// The type of the body itself.
    pub(crate) root_kind: Option<PartKind>,
    /// The first parts, by name and type, for the record.
    noted: Vec<(PartId, String, PartKind)>,
    /// What was found, for the record.
    pub(crate) findings: Vec<Finding>,
    /// Parts that could not be looked at, by name, for the record.
    pub(crate) unscannable: Vec<(String, Unscannable)>,
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
    /// What came before, where messages follow each other.
    before: Before,
    /// Parts of this message that have opened.
    opened: u32,
    /// What messages held that were taken out.
    pub(crate) taken_out: TakenOut,
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
        let active: Vec<&Scanner> =
            policy.scanners.iter().filter(|scanner| wants.any.wants_any(scanner.name)).collect();
        let holding = |scanner: &&&Scanner| wants.enforcing.wants_any(scanner.name);
        // Rules that only count are not worth a second copy of every body.
        let externals = match wants.enforcing.wants_any(tee::SCANNER) {
            true => &policy.settings.external[..],
            false => &[],
        };
        let tee = (!externals.is_empty()).then(|| Box::new(Tee::new(externals)));
        let holds_of = active.iter().filter(holding).map(|scanner| scanner.hold);
        let hold_policy = holds_of
            .chain(externals.iter().map(|external| external.hold))
            .fold(HoldPolicy::Pass, HoldPolicy::stricter);
        let gaps = Arc::<Gaps>::default();
        let examiner = |scanner: &&Scanner| -> Arc<dyn Examiner> {
            match holding(&scanner) {
                true => scanner.examiner.clone(),
                false => Arc::new(Shadow::new(scanner.examiner.clone(), gaps.clone())),
            }
        };
        let examiners: Arc<[Arc<dyn Examiner>]> = active.iter().map(examiner).collect();
        let unpacker = (!wants.any.is_empty()).then(|| {
            let (content, inspect) = (&limits.content, &limits.inspect);
            let with_copy = examiners.iter().cloned().chain(tee.as_ref().map(|tee| tee.examiner()));
            Unpacker::new(with_copy.collect(), wants.any.clone(), info, content, inspect)
        });
        let holds = !wants.enforcing.is_empty();
        let mut hold =
            Hold::new(hold_policy, length.filter(|_| holds), limits.inspect.held_bytes_max);
        if !holds {
            hold.open();
        }
        Self {
            unpacker,
            tee,
            wanted: wants.any.clone(),
            examiners,
            hold_policy,
            gaps,
            hold,
            holds,
            scanners: active
                .iter()
                .map(|scanner| scanner.name)
                .chain(externals.first().map(|_| tee::SCANNER))
                .collect(),
            tally: Tally::default(),
            kinds: BTreeSet::new(),
            root_kind: None,
            noted: Vec::new(),
            findings: Vec::new(),
            unscannable: Vec::new(),
            undecided: None,
            first: None,
            since: None,
            last: None,
            idle_looked_at: false,
            end: End::Open,
            before: Before::default(),
            opened: 0,
            taken_out: TakenOut::default(),
            idle_released: 0,
        }
    }

    /// A body that nobody wants to look at.
    pub(crate) fn unwatched(policy: &Policy) -> Self {
        Self::new(policy, &Wants::default(), &BodyInfo::default(), None)
    }

    /// Whether bytes may have to wait here.
    pub(crate) fn holds(&self) -> bool {
        self.holds
    }

    /// Bytes that came in so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.before.bytes + self.hold.admitted().as_u64()
    }

    /// Bytes that have left so far.
    pub(crate) fn released(&self) -> u64 {
        self.before.released + self.hold.released().as_u64()
    }

    /// Decoded bytes that were looked at.
    pub(crate) fn scanned_bytes(&self) -> u64 {
        self.before.scanned + self.unpacker.as_ref().map_or(0, Unpacker::scanned_bytes)
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
            return Worked { news: self.take_verdicts(now, Step::NeedInput), ..Worked::default() };
        }
        let Some(unpacker) = &mut self.unpacker else {
            return Worked { settled: self.settle(), ..Worked::default() };
        };
        // The budget keeps a push of 16 KiB that unpacks to 16 MiB from starving what else runs on
        // the thread.
        let step = unpacker.step(Budget::default());
        let mut news = false;
        for mut report in unpacker.reports() {
            report.finding.place = moved(report.finding.place, self.before.parts);
            self.tally.fold(&report.finding, report.wire_start);
            if let Some(at) = report.wire_start {
                self.undecided = Some(self.undecided.map_or(at, |first| first.min(at)));
            }
            if self.findings.len() < NOTED_MAX {
                self.findings.push(report.finding);
            }
            news = true;
        }
        let missed = self.before.missed + unpacker.missed();
        self.tally.fold_missed(missed.saturating_sub(self.tally.missed()));
        let events: Vec<PartEvent> = unpacker.parts().collect();
        for event in events {
            news |= self.fold_part(event);
        }
        news |= self.take_verdicts(now, step);
        match step {
            Step::Again | Step::Full => Worked { news, again: true, settled: false },
            Step::NeedInput => Worked { news, ..Worked::default() },
            Step::Done => Worked { news, again: false, settled: self.settle() },
        }
    }

    /// Gives scanners outside what was unpacked; whether something of theirs is news.
    fn take_verdicts(&mut self, now: Instant, step: Step) -> bool {
        let Some(tee) = &mut self.tee else { return false };
        tee.distribute(&mut self.tally, now);
        if step == Step::Done {
            tee.finish(&mut self.tally, now);
        }
        tee.take_news()
    }

    /// A scanner outside has said something.
    pub(crate) fn on_scan(&mut self, scanner: usize, report: ScanReport, now: Instant) {
        if let Some(tee) = &mut self.tee {
            tee.on_report(scanner, report, &mut self.tally, now);
        }
    }

    /// What a scanner outside is to be given next.
    pub(crate) fn pop_scan(&mut self) -> Option<(usize, ScanInput)> {
        self.tee.as_mut()?.pop()
    }

    /// Nobody waits for scanners outside any more.
    pub(crate) fn cancel_scans(&mut self) {
        if let Some(tee) = &mut self.tee {
            tee.cancel();
        }
    }

    /// The scanner outside without whose verdict nothing may pass, and why there is none.
    pub(crate) fn failed_closed(&self) -> Option<(&'static str, ScanFailure)> {
        self.tee.as_ref().filter(|_| self.holds)?.failed_closed()
    }

    /// What scanners outside have said, for the record.
    pub(crate) fn scanned(&self) -> impl Iterator<Item = Scanned<'_>> {
        self.tee.iter().flat_map(|tee| tee.scanned())
    }

    /// How far inspectors and scanners outside have cleared the body.
    fn clearance(&self) -> Clearance {
        let inside = self.unpacker.as_ref().map_or(Clearance::OPEN, Unpacker::clearance);
        let open = self.tee.as_ref().is_some_and(|tee| tee.is_open());
        if open { Clearance { part: Offset::ZERO, ..inside } } else { inside }
    }

    /// Narrows what is looked for to what possible rules still want.
    pub(crate) fn narrow(&mut self, wants: &Wants) {
        self.wanted.clone_from(&wants.any);
        if let Some(unpacker) = &mut self.unpacker {
            unpacker.set_wanted(wants.any.clone());
        }
        if !wants.enforcing.wants_any(tee::SCANNER) {
            self.cancel_scans();
        }
        if wants.enforcing.is_empty() && self.holds {
            self.holds = false;
            self.undecided = None;
            self.hold.open();
        }
    }

    /// Bytes can be held no longer: what is not yet known stays unknown, for the reason given.
    /// Returns whether that is news.
    pub(crate) fn give_up(&mut self, reason: Unscannable, now: Instant) -> bool {
        let mut news = false;
        // Time passes while a long body streams; a scan has time-outs of its own.
        if let (Some(tee), Unscannable::TooLarge) = (&mut self.tee, reason) {
            tee.give_up(&mut self.tally, now);
            news |= tee.take_news();
        }
        for scanner in self.scanners.clone() {
            if !self.tally.unscannable(scanner).any(|known| known == reason) {
                self.tally.fold_unscannable(scanner, reason);
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
        BodySeen {
            tally: &self.tally,
            kinds: &self.kinds,
            root_kind: self.root_kind,
            bytes: self.bytes(),
        }
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
        let of_profiles = self.tally.undecided_from().unwrap_or(Offset::MAX);
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
        let undecided = self.undecided.into_iter().chain(self.tally.undecided_from()).min();
        let clearance = self.clearance();
        let to = undecided.unwrap_or(Offset::MAX).min(self.hold.admitted());
        if clearance.span < to && clearance.part >= to {
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
        match &mut self.end {
            End::Decided(trailers) => match trailers.take() {
                Some(trailers) => Some(Release::Trailers(trailers)),
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

    /// The path of a part through its containers.
    pub(crate) fn part_name(&self, id: PartId) -> &str {
        self.noted.iter().find(|(of, ..)| *of == id).map_or("", |(_, name, _)| name)
    }

    /// The type of a part.
    pub(crate) fn part_kind(&self, id: PartId) -> PartKind {
        self.noted.iter().find(|(of, ..)| *of == id).map_or(PartKind::Unknown, |(.., kind)| *kind)
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
                let new = self.kinds.insert(part.kind);
                self.opened += 1;
                if self.noted.len() < NOTED_MAX {
                    let id = moved_id(part.id, self.before.parts);
                    self.noted.push((id, self.path(part.name), part.kind));
                }
                new
            }
            PartEvent::Retyped { kind, .. } => self.kinds.insert(kind),
            PartEvent::Ended(end) => {
                if end.part.id == PartId::ROOT && self.before.messages == 0 {
                    self.root_kind = Some(end.part.kind);
                }
                let Some(reason) = end.outcome.unscannable else { return false };
                self.tally.fold_unscannable(Unpacker::SCANNER, reason);
                for scanner in &self.scanners {
                    self.tally.fold_unscannable(scanner, reason);
                }
                if self.unscannable.len() < NOTED_MAX {
                    self.unscannable.push((self.path(end.part.name), reason));
                }
                true
            }
        }
    }
}

fn millis(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
