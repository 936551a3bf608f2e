//! The inspector of one part: the contract of gateway-inspect around the matcher, and around the
//! sieve where matches must fulfil more than their patterns.

use std::fmt;
use std::sync::Arc;

use gateway_inspect::{
    Confidence, Entry, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress,
    Reach, Span, Unscannable, Window,
};

use crate::dataset::Seeker;
use crate::engine::Engine;
use crate::matcher::{Matcher, Walk};
use crate::plan::DatasetPlan;
use crate::sieve::{Pass, Sieve, Sifter};

/// Bytes after which matches go through the sieve, so that they do not pile up.
const PIECE: usize = 4 << 10;

/// Scans one part.
pub(crate) struct DlpInspector {
    engine: Arc<Engine>,
    part: PartId,
    matcher: Matcher,
    sifter: Option<Box<Sifter>>,
    /// What looks for the cells of tables, with the index of the table.
    seekers: Vec<(usize, Seeker)>,
    /// What is found by the path of the part and not reported yet.
    named: Vec<Arc<Entry>>,
    /// Whether the path or a table has brought a finding.
    found: bool,
}

impl DlpInspector {
    /// An inspector of `part` that looks for the entries that are `active` and for the cells of
    /// `tables`, in their order, and reports what its path has shown.
    pub(crate) fn new(
        engine: Arc<Engine>,
        part: &Part,
        active: &[bool],
        tables: &[bool],
        named: Vec<Arc<Entry>>,
    ) -> Self {
        let matcher = Matcher::new(&engine, active.iter().copied());
        let sifter = engine.sieve.as_ref().map(|_| Box::new(Sifter::new(&part.name)));
        let found = !named.is_empty();
        let tables = engine.datasets.iter().zip(tables).enumerate();
        let seekers = tables.filter(|(_, (_, is_wanted))| **is_wanted);
        let seekers = seekers.map(|(at, (plan, _))| (at, Seeker::new(&plan.dataset))).collect();
        Self { engine, part: part.id, matcher, sifter, seekers, named, found }
    }

    fn report_named(&mut self, found: &mut Findings) {
        for entry in std::mem::take(&mut self.named) {
            found.push(Finding::structural(entry, self.part, Offset::ZERO));
        }
    }

    /// Looks for the cells of tables; how far the window is cleared by that.
    fn seek(&mut self, window: Window<'_>, stage: Stage, found: &mut Findings) -> Offset {
        let mut clear_to = window.end();
        for (at, seeker) in &mut self.seekers {
            let Some(DatasetPlan { entry, dataset }) = self.engine.datasets.get(*at) else {
                continue;
            };
            let report = |start, end| {
                self.found = true;
                let span = Span::new(Offset::new(start), Offset::new(end));
                let entry = Arc::clone(entry);
                found.push(Finding::content(entry, self.part, span, Confidence::High));
            };
            match stage {
                Stage::Within => seeker.push(dataset, &window, report),
                Stage::End => seeker.finish(dataset, &window, report),
            }
            clear_to = clear_to.min(seeker.clear_to(window.end()));
        }
        clear_to
    }

    /// Scans a window piece by piece, through the sieve; how far it is cleared.
    fn push_sifted(&mut self, window: Window<'_>, found: &mut Findings) -> Offset {
        let mut clear_to = window.end();
        let bytes = window.bytes();
        let mut from = bytes.len() - window.fresh().len();
        loop {
            let to = bytes.len().min(from.saturating_add(PIECE));
            let piece = bytes.get(..to).unwrap_or_default();
            let piece = Window::new(piece, from, window.start());
            let mut raw = Findings::new(usize::MAX);
            let mut walk = Walk { engine: &self.engine, part: self.part, found: &mut raw };
            clear_to = clear_to.min(self.matcher.push(&mut walk, piece));
            self.sift(piece, &mut raw, Stage::Within, found);
            if to == bytes.len() || self.matcher.is_exceeded() {
                break;
            }
            from = to;
            clear_to = window.end();
        }
        let pending = self.sifter.as_ref().and_then(|sifter| sifter.first_pending());
        clear_to.min(pending.unwrap_or(clear_to))
    }

    fn sift(&mut self, window: Window<'_>, raw: &mut Findings, stage: Stage, found: &mut Findings) {
        let (Some(sieve), Some(sifter)) = (&self.engine.sieve, &mut self.sifter) else { return };
        let pass = pass(&self.engine, sieve, self.part, &window);
        for finding in raw.drain() {
            sifter.take(&pass, finding, found);
        }
        match stage {
            Stage::Within => sifter.settle(&pass, found),
            Stage::End => sifter.finish(&pass, found),
        }
    }

    fn has_found(&self) -> bool {
        let found = self
            .sifter
            .as_ref()
            .map_or_else(|| self.matcher.has_found(), |sifter| sifter.has_reported());
        found || self.found
    }
}

/// Whether more may come.
#[derive(Clone, Copy)]
enum Stage {
    Within,
    End,
}

fn pass<'a>(engine: &'a Engine, sieve: &'a Sieve, part: PartId, window: &Window<'a>) -> Pass<'a> {
    let (bytes, base) = (window.bytes(), window.start().as_u64());
    Pass { sieve, entries: &engine.entries, part, bytes, base }
}

impl Inspector for DlpInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.engine.lookback }
    }

    fn memory_max(&self) -> usize {
        let sieve = self.engine.sieve.as_ref();
        let sifter = sieve.map_or(0, |sieve| Sifter::memory_max(sieve, &self.engine.limits));
        let seekers = self.seekers.capacity() * (size_of::<(usize, Seeker)>() + Seeker::HEAP_MAX);
        size_of::<Self>() + Matcher::memory_max(&self.engine) + sifter + seekers
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        self.report_named(found);
        let sought = self.seek(window, Stage::Within, found);
        let clear_to = if self.sifter.is_some() {
            self.push_sifted(window, found)
        } else {
            let mut walk = Walk { engine: &self.engine, part: self.part, found };
            self.matcher.push(&mut walk, window)
        };
        if self.matcher.is_exceeded() {
            Progress::Done(Outcome::Unscannable(Unscannable::WorkExceeded))
        } else {
            Progress::More { clear_to: clear_to.min(sought) }
        }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        self.report_named(found);
        self.seek(tail, Stage::End, found);
        if self.sifter.is_some() {
            let mut raw = Findings::new(usize::MAX);
            let mut walk = Walk { engine: &self.engine, part: self.part, found: &mut raw };
            self.matcher.finish(&mut walk, tail);
            self.sift(tail, &mut raw, Stage::End, found);
        } else {
            let mut walk = Walk { engine: &self.engine, part: self.part, found };
            self.matcher.finish(&mut walk, tail);
        }
        if self.matcher.is_exceeded() {
            Outcome::Unscannable(Unscannable::WorkExceeded)
        } else if self.has_found() {
            Outcome::Found
        } else {
            Outcome::Clean
        }
    }
}

/// Shows no content.
impl fmt::Debug for DlpInspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DlpInspector").field("part", &self.part).finish_non_exhaustive()
    }
}
