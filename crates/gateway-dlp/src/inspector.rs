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
use crate::fingerprint;
use crate::matcher::{Matcher, Walk};
use crate::plan::{DatasetPlan, FingerprintPlan};
use crate::sieve::{Pass, Sieve, Sifter};
use crate::source;

/// Bytes after which matches go through the sieve, so that they do not pile up.
const PIECE: usize = 4 << 10;

/// Scans one part.
pub(crate) struct DlpInspector {
    engine: Arc<Engine>,
    part: PartId,
    matcher: Matcher,
    sifter: Option<Box<Sifter>>,
    /// What looks for anything else.
    others: Option<Box<Others>>,
    /// What is found by the path of the part and not reported yet.
    named: Vec<Arc<Entry>>,
    /// Whether the path or a table has brought a finding.
    found: bool,
}

/// What looks for other things than patterns and words. Most scanners have none of it, and there are many
/// streams.
struct Others {
    /// What looks for the cells of tables, with the index of the table.
    seekers: Vec<(usize, Seeker)>,
    /// What compares with documents, with the index of their set.
    likeners: Vec<(usize, fingerprint::Seeker)>,
    /// What tells languages.
    spotter: Option<source::Spotter>,
}

/// Which entries, tables, documents and languages are looked for, in their order.
#[derive(Clone, Copy)]
pub(crate) struct Active<'a> {
    pub(crate) entries: &'a [bool],
    /// Indices of entries that are looked for as others require them.
    pub(crate) required: &'a [u32],
    pub(crate) tables: &'a [bool],
    pub(crate) documents: &'a [bool],
    pub(crate) sources: &'a [bool],
}

impl DlpInspector {
    /// An inspector of `part` that looks for what is `active`, and reports what its path has shown.
    pub(crate) fn new(
        engine: Arc<Engine>,
        part: &Part,
        active: Active<'_>,
        named: Vec<Arc<Entry>>,
    ) -> Self {
        let matcher = Matcher::new(&engine, active.entries.iter().copied());
        let sifter = |_| Box::new(Sifter::new(&part.name, active.required.to_vec()));
        let sifter = engine.sieve.as_ref().map(sifter);
        let found = !named.is_empty();
        let others = Others::new(&engine, active).map(Box::new);
        Self { engine, part: part.id, matcher, sifter, others, named, found }
    }

    fn report_named(&mut self, found: &mut Findings) {
        for entry in std::mem::take(&mut self.named) {
            found.push(Finding::structural(entry, self.part, Offset::ZERO));
        }
    }

    /// Looks for other things than patterns and words; how far the window is cleared by that.
    fn look_for_others(
        &mut self,
        window: Window<'_>,
        stage: Stage,
        found: &mut Findings,
    ) -> Offset {
        let Some(mut others) = self.others.take() else { return window.end() };
        let sought = self.seek(&mut others.seekers, window, stage, found);
        let sought = sought.min(self.liken(&mut others.likeners, window, stage, found));
        let sought = sought.min(self.spot(others.spotter.as_mut(), window, stage, found));
        self.others = Some(others);
        sought
    }

    /// Looks for the cells of tables; how far the window is cleared by that.
    fn seek(
        &mut self,
        seekers: &mut [(usize, Seeker)],
        window: Window<'_>,
        stage: Stage,
        found: &mut Findings,
    ) -> Offset {
        let mut clear_to = window.end();
        for (at, seeker) in seekers {
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

    /// Compares with documents; how far the window is cleared by that.
    fn liken(
        &mut self,
        likeners: &mut [(usize, fingerprint::Seeker)],
        window: Window<'_>,
        stage: Stage,
        found: &mut Findings,
    ) -> Offset {
        let mut clear_to = window.end();
        for (at, likener) in likeners {
            let Some(plan) = self.engine.fingerprints.get(*at) else { continue };
            let report = |start, end| {
                self.found = true;
                let span = Span::new(Offset::new(start), Offset::new(end));
                let entry = Arc::clone(&plan.entry);
                found.push(Finding::content(entry, self.part, span, Confidence::High));
            };
            let set = &plan.fingerprints;
            match stage {
                Stage::Within => likener.push(set, (window.fresh_at(), window.fresh()), report),
                Stage::End => likener.finish(set, window.end(), report),
            }
            clear_to = clear_to.min(likener.clear_to(window.end()));
        }
        clear_to
    }

    /// Tells languages; how far the window is cleared by that.
    fn spot(
        &mut self,
        spotter: Option<&mut source::Spotter>,
        window: Window<'_>,
        stage: Stage,
        found: &mut Findings,
    ) -> Offset {
        let Some(spotter) = spotter else { return window.end() };
        let report = |kind, start, end| {
            let plan = self.engine.sources.iter().find(|plan| plan.kind == kind);
            let Some(plan) = plan else { return };
            self.found = true;
            let span = Span::new(Offset::new(start), Offset::new(end));
            let entry = Arc::clone(&plan.entry);
            found.push(Finding::content(entry, self.part, span, Confidence::Medium));
        };
        match stage {
            Stage::Within => spotter.push((window.fresh_at(), window.fresh()), report),
            Stage::End => spotter.finish(window.end(), report),
        }
        spotter.clear_to(window.end())
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

impl Others {
    /// What looks for what is `active`, if anything is.
    fn new(engine: &Engine, active: Active<'_>) -> Option<Self> {
        let tables = engine.datasets.iter().zip(active.tables).enumerate();
        let seekers = tables.filter(|(_, (_, is_wanted))| **is_wanted);
        let seekers: Vec<_> =
            seekers.map(|(at, (plan, _))| (at, Seeker::new(&plan.dataset))).collect();
        let documents = engine.fingerprints.iter().zip(active.documents).enumerate();
        let documents = documents.filter(|(_, (_, is_wanted))| **is_wanted);
        let likener = |plan: &FingerprintPlan| {
            fingerprint::Seeker::new(&plan.fingerprints, plan.similarity_min)
        };
        let likeners: Vec<_> = documents.map(|(at, (plan, _))| (at, likener(plan))).collect();
        let sources = engine.sources.iter().zip(active.sources);
        let sources = sources.filter(|(_, is_wanted)| **is_wanted).map(|(plan, _)| plan.kind);
        let spotter = source::Spotter::new(sources);
        let is_empty = seekers.is_empty() && likeners.is_empty() && spotter.is_none();
        (!is_empty).then_some(Self { seekers, likeners, spotter })
    }

    /// Bytes that it may hold, itself included.
    fn memory_max(&self, engine: &Engine) -> usize {
        let seekers = self.seekers.capacity() * (size_of::<(usize, Seeker)>() + Seeker::HEAP_MAX);
        let sets = self.likeners.iter().filter_map(|(at, _)| engine.fingerprints.get(*at));
        let likeners: usize =
            sets.map(|plan| fingerprint::Seeker::heap_max(&plan.fingerprints)).sum();
        let likeners =
            likeners + self.likeners.capacity() * size_of::<(usize, fingerprint::Seeker)>();
        let spotter = self.spotter.as_ref().map_or(0, |_| source::Spotter::MEMORY_MAX);
        size_of::<Self>() + seekers + likeners + spotter
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
        let others = self.others.as_ref().map_or(0, |others| others.memory_max(&self.engine));
        let own = size_of::<Self>() + Matcher::memory_max(&self.engine);
        own + sifter + others
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        self.report_named(found);
        let sought = self.look_for_others(window, Stage::Within, found);
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
        self.look_for_others(tail, Stage::End, found);
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
