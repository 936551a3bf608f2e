//! The copy of one body that goes to scanners outside, and what they say of it.
//!
//! The copy is taken by an inspector of the root part, so it is the body without its
//! content-codings. How it travels is the driver's matter; that the end of the body waits for the
//! verdict is [`Body`](crate::body::Body)'s.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_inspect::{
    Entry, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress, Reach,
    Tally, Unscannable, Wanted, Window,
};

use crate::adapter::Offer;
use crate::external::{
    External, Gets, OnFailure, Opinion, ScanFailure, ScanInput, ScanReport, Verdict,
};
use crate::scan_group::Panel;

/// The scanner whose facts external scanners add to.
pub(crate) const SCANNER: &str = "av";

/// Bytes that may wait for one scanner before the body is taken in no further.
const AHEAD_BYTES_MAX: u64 = 256 << 10;

/// All scans of one body.
pub(crate) struct Tee {
    spool: Arc<Spool>,
    /// The group that a rule has named.
    group: Option<Arc<str>>,
    scans: Vec<Scan>,
    /// The message that the body is of, for those who get it too.
    message: Option<Box<Offer>>,
    inputs: VecDeque<(usize, ScanInput)>,
    /// All of the body was copied.
    ended: bool,
    news: bool,
}

/// One scan.
struct Scan {
    /// The scanner's position among all.
    scanner: usize,
    external: External,
    state: State,
    /// Bytes given to it.
    bytes: u64,
    /// Bytes of those that still wait.
    waiting: u64,
    began: Option<Instant>,
    took: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Open,
    Done(Verdict),
    /// Nobody wants the verdict.
    Cancelled,
    /// The verdict is no matter of the body's any more.
    Detached,
}

impl Scan {
    fn is_second(&self) -> bool {
        self.external.opinion == Opinion::Second
    }
}

/// A scan, for the record.
pub(crate) struct Scanned<'a> {
    pub(crate) scanner: &'a str,
    pub(crate) group: Option<&'a str>,
    pub(crate) verdict: Said<'a>,
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
}

/// What a scan has said.
pub(crate) enum Said<'a> {
    Verdict(&'a Verdict),
    /// It goes on.
    Later,
    /// Nobody waited for it.
    Nothing,
}

impl Tee {
    /// The scans of a body by all outside of `panel`.
    pub(crate) fn new(panel: Panel) -> Self {
        let scan = |(scanner, external)| Scan {
            scanner,
            external,
            state: State::Open,
            bytes: 0,
            waiting: 0,
            began: None,
            took: Duration::ZERO,
        };
        Self {
            spool: Arc::default(),
            group: panel.group,
            scans: panel.outside.into_iter().map(scan).collect(),
            message: None,
            inputs: VecDeque::new(),
            ended: false,
            news: false,
        }
    }

    /// Whether somebody gets the message too.
    pub(crate) fn wants_message(&self) -> bool {
        self.scans.iter().any(|scan| scan.external.gets == Gets::Message)
    }

    /// The message that the body is of. Said before anything of the body comes.
    pub(crate) fn set_message(&mut self, message: Offer) {
        self.message = Some(Box::new(message));
    }

    /// What takes the copy.
    pub(crate) fn examiner(&self) -> Arc<dyn Examiner> {
        Arc::new(Copier(self.spool.clone()))
    }

    /// Whether some scanner has so much before it that the body must wait.
    pub(crate) fn is_behind(&self) -> bool {
        self.scans.iter().any(|scan| scan.state == State::Open && scan.waiting >= AHEAD_BYTES_MAX)
    }

    /// Whether some verdict is still to come that the body waits for.
    pub(crate) fn is_open(&self) -> bool {
        self.scans.iter().any(|scan| scan.state == State::Open && !scan.is_second())
    }

    /// Whether the rules are to be told nothing yet: somebody has the word whose opinion counts in any case.
    pub(crate) fn keeps_rules_waiting(&self) -> bool {
        let waits =
            |scan: &Scan| scan.state == State::Open && scan.external.opinion == Opinion::All;
        self.scans.iter().any(waits)
    }

    /// Gives what was copied since to the scans.
    pub(crate) fn distribute(&mut self, tally: &mut Tally, now: Instant) {
        let (copied, ended) = self.spool.take();
        for bytes in copied {
            for index in 0..self.scans.len() {
                self.give(index, &bytes, tally, now);
            }
        }
        if ended {
            self.end(tally, now);
        }
    }

    fn give(&mut self, index: usize, bytes: &Bytes, tally: &mut Tally, now: Instant) {
        let Some(scan) = self.scans.get_mut(index).filter(|scan| scan.state == State::Open) else {
            return;
        };
        let length = bytes.len() as u64;
        if scan.bytes + length > scan.external.bytes_max {
            if scan.began.is_some() {
                self.inputs.push_back((scan.scanner, ScanInput::Cancel));
            }
            return self.conclude(index, Verdict::Failed(ScanFailure::TooLarge), tally, now);
        }
        let is_first = scan.began.is_none();
        scan.began.get_or_insert(now);
        if is_first
            && scan.external.gets == Gets::Message
            && let Some(message) = &self.message
        {
            let message = Offer { adapter: scan.scanner, ..(**message).clone() };
            self.inputs.push_back((scan.scanner, ScanInput::Message(Box::new(message))));
        }
        scan.bytes += length;
        scan.waiting += length;
        self.inputs.push_back((scan.scanner, ScanInput::Data(bytes.clone())));
    }

    /// Everything was unpacked: what was copied is all there is.
    pub(crate) fn finish(&mut self, tally: &mut Tally, now: Instant) {
        if !self.ended && self.scans.iter().any(|scan| scan.bytes > 0) {
            // The unpacker has given up in the middle.
            tally.fold_unscannable(SCANNER, Unscannable::Malformed);
            self.news = true;
        }
        self.end(tally, now);
    }

    fn end(&mut self, tally: &mut Tally, now: Instant) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        for index in 0..self.scans.len() {
            let Some(scan) = self.scans.get(index) else { continue };
            match (&scan.state, scan.bytes) {
                // There is nothing in it.
                (State::Open, 0) => self.conclude(index, Verdict::Clean, tally, now),
                (State::Open, _) => self.inputs.push_back((scan.scanner, ScanInput::End)),
                (State::Done(_) | State::Cancelled | State::Detached, _) => {}
            }
        }
    }

    /// The scan by `scanner` has said something.
    pub(crate) fn on_report(
        &mut self,
        scanner: usize,
        report: ScanReport,
        tally: &mut Tally,
        now: Instant,
    ) {
        let Some(index) = self.scans.iter().position(|scan| scan.scanner == scanner) else {
            return;
        };
        match report {
            ScanReport::Taken(bytes) => {
                if let Some(scan) = self.scans.get_mut(index) {
                    scan.waiting = scan.waiting.saturating_sub(bytes);
                }
            }
            // Nobody can have looked at what was not all there.
            ScanReport::Verdict(Verdict::Clean) if !self.ended => {
                self.conclude(index, Verdict::Failed(ScanFailure::Garbled), tally, now);
            }
            ScanReport::Verdict(verdict) => self.conclude(index, verdict, tally, now),
        }
    }

    fn conclude(&mut self, index: usize, verdict: Verdict, tally: &mut Tally, now: Instant) {
        let Some(scan) = self.scans.get_mut(index).filter(|scan| scan.state == State::Open) else {
            return;
        };
        match &verdict {
            Verdict::Clean | Verdict::Declined => {}
            Verdict::Found(name) => {
                let name: Arc<str> = name.as_str().into();
                let id = name.clone();
                let entry = Entry { scanner: SCANNER, id, name, profiles: Vec::new() };
                let at = Offset::new(scan.bytes);
                tally.fold(&Finding::structural(Arc::new(entry), PartId::ROOT, at), None);
            }
            Verdict::Failed(_) if scan.is_second() => {}
            Verdict::Failed(failure) => tally.fold_unscannable(SCANNER, failure.reason()),
        }
        scan.took = scan.began.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        scan.state = State::Done(verdict);
        self.news = true;
    }

    /// What is held for the verdicts is more than allowed.
    pub(crate) fn give_up(&mut self, tally: &mut Tally, now: Instant) {
        for index in 0..self.scans.len() {
            let waits = |scan: &Scan| scan.state == State::Open && !scan.is_second();
            if let Some(scan) = self.scans.get(index).filter(|scan| waits(scan)) {
                self.inputs.push_back((scan.scanner, ScanInput::Cancel));
                self.conclude(index, Verdict::Failed(ScanFailure::TooLarge), tally, now);
            }
        }
    }

    /// The body has left: second opinions on all of it may still come. Their scanners.
    pub(crate) fn detach(&mut self) -> Vec<usize> {
        let goes_on = |scan: &&mut Scan| {
            self.ended && scan.is_second() && scan.state == State::Open && scan.bytes > 0
        };
        let mut detached = Vec::new();
        for scan in &mut self.scans {
            if goes_on(&scan) {
                scan.state = State::Detached;
                detached.push(scan.scanner);
            }
        }
        detached
    }

    /// Nobody wants the verdicts any more.
    pub(crate) fn cancel(&mut self) {
        for scan in &mut self.scans {
            if scan.state == State::Open {
                scan.state = State::Cancelled;
                if scan.began.is_some() {
                    self.inputs.push_back((scan.scanner, ScanInput::Cancel));
                }
            }
        }
    }

    /// Whether verdicts have come since this was last asked.
    pub(crate) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// What the driver is to give to scans, by their scanner.
    pub(crate) fn pop(&mut self) -> Option<(usize, ScanInput)> {
        self.inputs.pop_front()
    }

    /// The scanner without whose verdict nothing may pass, and why there is none.
    pub(crate) fn failed_closed(&self) -> Option<(Arc<str>, ScanFailure)> {
        self.scans.iter().find_map(|scan| match (&scan.state, scan.external.on_failure) {
            (State::Done(Verdict::Failed(failure)), OnFailure::Block) if !scan.is_second() => {
                Some((scan.external.name.clone(), *failure))
            }
            _ => None,
        })
    }

    /// The scans that were begun, for the record.
    pub(crate) fn scanned(&self) -> impl Iterator<Item = Scanned<'_>> {
        let told = |scan: &&Scan| {
            scan.began.is_some() || matches!(&scan.state, State::Done(Verdict::Failed(_)))
        };
        self.scans.iter().filter(told).map(|scan| Scanned {
            scanner: &scan.external.name,
            group: self.group.as_deref(),
            verdict: match &scan.state {
                State::Done(verdict) => Said::Verdict(verdict),
                State::Detached => Said::Later,
                State::Open | State::Cancelled => Said::Nothing,
            },
            bytes: scan.bytes,
            took: scan.took,
        })
    }
}

/// What was copied and not yet given on.
#[derive(Debug, Default)]
struct Spool(Mutex<Spooled>);

#[derive(Debug, Default)]
struct Spooled {
    copied: Vec<Bytes>,
    ended: bool,
}

impl Spool {
    fn with<T>(&self, change: impl FnOnce(&mut Spooled) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> (Vec<Bytes>, bool) {
        self.with(|spooled| (std::mem::take(&mut spooled.copied), spooled.ended))
    }
}

/// Opens the inspector that copies the root part.
struct Copier(Arc<Spool>);

impl Examiner for Copier {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let wanted = part.id == PartId::ROOT && wanted.wants_any(SCANNER);
        wanted.then(|| Box::new(Self(self.0.clone())) as Box<dyn Inspector>)
    }
}

impl Inspector for Copier {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: 0 }
    }

    /// What it copies is taken away after every step, and the budget of a step bounds that.
    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        if !window.fresh().is_empty() {
            let copy = Bytes::copy_from_slice(window.fresh());
            self.0.with(|spooled| spooled.copied.push(copy));
        }
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        self.0.with(|spooled| spooled.ended = true);
        Outcome::Clean
    }
}
