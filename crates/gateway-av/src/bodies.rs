//! The examiner of body signatures: those for any part, and those for parts of one kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{
    Confidence, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress,
    Reach, Span, Wanted, Window,
};

use crate::SCANNER;
use crate::body_scan::BodyScan;
use crate::body_set::BodySet;
use crate::found::Found;
use crate::line::BodyLine;
use crate::names::Names;
use crate::target::Target;

/// All body signatures, by target.
#[derive(Debug)]
pub(crate) struct Bodies {
    sets: BTreeMap<Target, Arc<BodySet>>,
    names: Arc<Names>,
}

impl Bodies {
    /// The examiner of `signatures`, each with its number among `names`.
    pub(crate) fn new(signatures: Vec<(BodyLine, u32)>, names: Arc<Names>) -> Self {
        let mut by_target: BTreeMap<Target, Vec<_>> = BTreeMap::new();
        for (line, number) in signatures {
            by_target.entry(line.target).or_default().push((line, number));
        }
        let set =
            |(target, lines): (_, Vec<_>)| (target, Arc::new(BodySet::new(lines.into_iter())));
        Self { sets: by_target.into_iter().map(set).collect(), names }
    }
}

impl Examiner for Bodies {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let targets = [Some(Target::Any), Target::of(part.kind)];
        let sets = targets.into_iter().flatten().filter_map(|target| self.sets.get(&target));
        let scans: Vec<_> = sets.map(|set| BodyScan::new(set.clone())).collect();
        if scans.is_empty() {
            return None;
        }
        let (part, names) = (part.id, self.names.clone());
        Some(Box::new(BodyInspector { part, names, scans, found: Found::default() }))
    }
}

/// Looks for body signatures in one part.
struct BodyInspector {
    part: PartId,
    names: Arc<Names>,
    scans: Vec<BodyScan>,
    found: Found,
}

impl BodyInspector {
    fn report(&mut self, findings: &mut Findings) {
        self.found.report(|hit| {
            let span = Span::new(Offset::new(hit.start), Offset::new(hit.end));
            let entry = self.names.entry(hit.signature);
            findings.push(Finding::content(entry, self.part, span, Confidence::High));
        });
    }
}

impl Inspector for BodyInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.scans.iter().map(BodyScan::lookback).max().unwrap_or(0) }
    }

    fn memory_max(&self) -> usize {
        let scans: usize = self.scans.iter().map(BodyScan::memory_max).sum();
        size_of::<Self>() + Found::MEMORY_MAX + scans
    }

    fn push(&mut self, window: Window<'_>, findings: &mut Findings) -> Progress {
        for scan in &mut self.scans {
            scan.push(window, &mut self.found);
        }
        self.report(findings);
        if self.found.is_full() {
            return Progress::Done(Outcome::Found);
        }
        let found = &self.found;
        let clear_to = self.scans.iter_mut().map(|scan| scan.clear_to(window, found)).min();
        Progress::More { clear_to: clear_to.unwrap_or(window.end()) }
    }

    fn finish(&mut self, tail: Window<'_>, findings: &mut Findings) -> Outcome {
        for scan in &self.scans {
            scan.finish(tail, &mut self.found);
        }
        self.report(findings);
        if self.found.is_any() { Outcome::Found } else { Outcome::Clean }
    }
}
