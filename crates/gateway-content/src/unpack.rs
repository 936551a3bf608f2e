//! The unpacker: wire bytes in; findings, part events and clearance out.
//!
//! It keeps a stack of streams: the wire, the body under each coding, the root part, a member of
//! it, a member of that. Only the top one is walked; a stream takes more from the one below when
//! all that it had is used. So little is under way at any time, and the work can stop anywhere.

#[cfg(test)]
mod endless;
#[cfg(test)]
mod tests;
mod told;
mod turn;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use gateway_inspect::{Beyond, Clearance, Examiner, Findings, Offset, Part, Unscannable, Wanted};

use crate::coding::decoder::Decoder;
use crate::declared::Declared;
use crate::level::{Level, Node};
use crate::{BodyInfo, Budget, Coding, Limits, PartEvent, Report, Step};

/// Unpacks one body and shows every part of it to a fresh chain of inspectors.
///
/// # Use
/// * **Input**: [`push`](Self::push) and [`end`](Self::end) queue; [`step`](Self::step) works,
///   within a [`Budget`].
/// * **Output**, drained after every step: [`reports`](Self::reports) and
///   [`parts`](Self::parts). Findings of one part come in the order of reporting, events of all
///   parts in the order of the body; how findings of different parts interleave depends on the
///   chunks.
/// * **Release**: [`clearance`](Self::clearance), in positions of the wire.
///
/// # Laws
/// 1. Any chunks and any budgets give the same findings per part, the same parts, the same ends.
/// 2. Clearance never decreases and never passes what was pushed.
/// 3. No [`Report::wire_start`] lies before an earlier span clearance.
/// 4. Bytes that cannot be decoded are the [`Unscannable`] reason of a part, never clean. Those
///    of a member still pass the inspectors of its container.
/// 5. Memory is bounded whatever comes: see [`memory_max`](Self::memory_max).
pub struct Unpacker {
    examiners: Arc<[Arc<dyn Examiner>]>,
    wanted: Wanted,
    limits: Limits,
    inspect_limits: gateway_inspect::Limits,
    queue: VecDeque<Bytes>,
    pushed: Offset,
    ended: bool,
    /// From the wire up; empty when all is done.
    levels: Vec<Level>,
    /// What decompressors may still produce, by position in `levels`.
    room: Vec<u64>,
    /// Instructions of programs that were run.
    run_steps: u64,
    /// Position of the root part in `levels`.
    root: usize,
    parts_opened: u32,
    scanned: u64,
    /// Bytes of the parts that are over.
    shown: u64,
    /// Bytes that compressed streams yielded beyond what their ratio allows.
    excess: u64,
    /// What was done so far, in bytes that inspectors could have been shown instead.
    work: u64,
    found: Findings,
    reports: VecDeque<Report>,
    events: VecDeque<PartEvent>,
    /// Whether reports tell which bytes a finding is made of.
    tells_spans: bool,
    /// Why the body itself could not be decoded.
    undecoded: Option<Unscannable>,
}

impl Unpacker {
    /// The scanner name by which a caller [wants](Wanted) kinds, members and ends of parts even
    /// though no examiner is to look at them, as a file type rule does.
    pub const SCANNER: &'static str = "content";

    /// An unpacker for one body, of which no byte was seen.
    #[must_use]
    pub fn new(
        examiners: Arc<[Arc<dyn Examiner>]>,
        wanted: Wanted,
        info: &BodyInfo,
        limits: &Limits,
        inspect_limits: &gateway_inspect::Limits,
    ) -> Self {
        let codings = || info.codings.iter().rev().filter(|coding| **coding != Coding::Identity);
        let root = codings().count();
        let mut part = Part::root(gateway_inspect::PartKind::Unknown, None);
        if root == 0 {
            part.size = info.declared_bytes;
        } else {
            part.packed_size = info.declared_bytes;
        }
        part.declared_media = info.is_declared_media();
        part.name.clone_from(&info.name);
        let mut node = Node::new(part);
        if let Some(content_type) = &info.content_type {
            node.declared = Declared::read(content_type);
        }
        let mut node = Some(node);
        let mut levels = vec![Level::wire(if root == 0 { node.take() } else { None })];
        for (i, coding) in codings().enumerate() {
            let decoder = Decoder::of(*coding, limits);
            let node = if i + 1 == root { node.take() } else { None };
            if let Some(below) = levels.last() {
                levels.push(Level::above(below, decoder, node, None));
            }
        }
        let mut unpacker = Self {
            examiners,
            wanted: Wanted::none(),
            room: vec![limits.decoded_bytes_max; root + 1 + usize::from(limits.depth_max)],
            run_steps: 0,
            limits: limits.clone(),
            inspect_limits: inspect_limits.clone(),
            queue: VecDeque::new(),
            pushed: Offset::ZERO,
            ended: false,
            levels,
            root,
            parts_opened: 1,
            scanned: 0,
            shown: 0,
            excess: 0,
            work: 0,
            found: Findings::new(inspect_limits.findings_max),
            reports: VecDeque::new(),
            events: VecDeque::new(),
            tells_spans: false,
            undecoded: info.opaque,
        };
        unpacker.set_wanted(wanted);
        unpacker
    }

    /// Queues the next bytes of the body as they came over the wire. Does no work and copies
    /// nothing: the caller bounds what it queues. After [`end`](Self::end) it is not looked at.
    pub fn push(&mut self, wire: Bytes) {
        self.pushed += wire.len();
        if !self.is_idle() && !self.ended && !wire.is_empty() {
            self.queue.push_back(wire);
        }
    }

    /// The body ends with what was pushed; [`step`](Self::step) then until [`Step::Done`].
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// From now on reports tell which [bytes](Report::spans) of the body as it came a finding is
    /// made of; to be asked for before the first byte. What is in a content-coding has none.
    pub fn tell_spans(&mut self) {
        self.tells_spans = true;
        let is_plain = self.root == 0 && self.undecoded.is_none();
        if let Some(root) = self.levels.first_mut() {
            root.editable = is_plain;
        }
    }

    /// Works on what is queued, within `budget`.
    pub fn step(&mut self, budget: Budget) -> Step {
        let mut steps = budget.steps;
        let stop_at = self.work.saturating_add(budget.decoded_bytes);
        loop {
            if self.is_idle() {
                return Step::Done;
            }
            if self.reports.len().max(self.events.len()) >= self.limits.waiting_max.max(1) {
                return Step::Full;
            }
            if steps == 0 || self.work >= stop_at {
                return Step::Again;
            }
            steps -= 1;
            match self.turn() {
                turn::Turn::Worked => {}
                turn::Turn::Starved => return Step::NeedInput,
            }
        }
    }

    /// How far the wire is cleared, counted from the start of the body.
    ///
    /// `span`: no finding still to be reported has its [`wire_start`](Report::wire_start) before
    /// it. `part`: no finding about a part as a whole, and no end of one, is still to come that
    /// concerns what lies before it; it stays at the start of the first part whose inspectors
    /// judge the whole, and of the first container that is not compared to its end. Both are all
    /// that was pushed when it was worked on and nothing is live.
    #[must_use]
    pub fn clearance(&self) -> Clearance {
        let all = Clearance { span: self.pushed, part: self.pushed };
        self.levels.iter().fold(all, |least, level| least.min(level.clearance()))
    }

    /// Takes the findings that are waiting.
    pub fn reports(&mut self) -> impl Iterator<Item = Report> + '_ {
        self.reports.drain(..)
    }

    /// Takes what inspectors had no room for and is counted by its entry.
    pub fn beyond(&mut self) -> impl Iterator<Item = Beyond> + '_ {
        self.found.take_beyond()
    }

    /// Findings that inspectors had no room for, over all parts so far.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.found.missed()
    }

    /// Takes the part events that are waiting.
    pub fn parts(&mut self) -> impl Iterator<Item = PartEvent> + '_ {
        self.events.drain(..)
    }

    /// Narrows what is wanted: parts that open from now on are inspected for that alone. With
    /// nothing wanted everything stops, the parts that are open included, and they do not end.
    pub fn set_wanted(&mut self, wanted: Wanted) {
        self.wanted = wanted;
        if self.wanted.is_empty() {
            self.stop();
        }
    }

    /// Whether nothing is wanted or all is done: bytes may pass without being pushed.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.levels.is_empty()
    }

    /// Bytes of parts that were shown to their inspectors, over all parts.
    #[must_use]
    pub fn scanned_bytes(&self) -> u64 {
        self.scanned
    }

    /// The most bytes that it may hold, as long as the parts that are open now stay open; bytes
    /// that are queued and not yet worked on aside. All but the share of inspectors and of the windows of LZMA and the models of PPMd
    /// follows from the limits alone.
    #[must_use]
    pub fn memory_max(&self) -> usize {
        let levels = 1 + Coding::LIST_MAX + usize::from(self.limits.depth_max);
        // What is no UTF-8 in a name takes three bytes for one.
        let name = (1 + usize::from(self.limits.depth_max)) * (3 * self.limits.name_bytes_max + 8);
        let waiting = size_of::<Report>() + size_of::<PartEvent>() + name;
        let chains = self.levels.iter().filter_map(|level| level.node.as_ref()?.chain.as_ref());
        let inspectors: usize = chains.map(gateway_inspect::Chain::memory_max).sum();
        levels * (Level::memory_max() + name)
            + self.limits.index_bytes_max
            // Once gathered, and once as what is read from it.
            + 3 * self.limits.gathered_bytes_max
            + turn::KEEPERS_MAX * self.limits.gathered_bytes_max
            + self.levels.iter().map(Level::decoder_memory_max).sum::<usize>()
            + self.limits.waiting_max * waiting
            + inspectors
    }

    fn stop(&mut self) {
        self.levels.clear();
        self.queue.clear();
    }
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker")
            .field("levels", &self.levels.len())
            .field("parts_opened", &self.parts_opened)
            .field("scanned", &self.scanned)
            .field("clearance", &self.clearance())
            .finish_non_exhaustive()
    }
}
