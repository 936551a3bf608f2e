//! The examiner of digest signatures.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Finding, Findings, Inspector, Outcome, Part, PartId, Progress, Reach, Unscannable,
    Wanted, Window,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::SCANNER;
use crate::digest_set::{DigestSet, Table};
use crate::names::Names;

/// All digest signatures, with their names.
#[derive(Debug)]
pub(crate) struct Digests {
    set: Arc<DigestSet>,
    names: Arc<Names>,
}

impl Digests {
    pub(crate) fn new(set: DigestSet, names: Arc<Names>) -> Self {
        Self { set: Arc::new(set), names }
    }
}

impl Examiner for Digests {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) || !self.set.may_hold(None) {
            return None;
        }
        Some(Box::new(DigestInspector {
            part: part.id,
            names: self.names.clone(),
            declared: part.size,
            seen: 0,
            md5: self.set.md5.may_hold(part.size).then(Md5::new),
            sha1: self.set.sha1.may_hold(part.size).then(Sha1::new),
            sha256: self.set.sha256.may_hold(part.size).then(Sha256::new),
            set: self.set.clone(),
        }))
    }
}

/// Computes the digests of one part that the database has any of.
///
/// A digest that no signature of the declared size has is not computed. A declared size may be a
/// lie: when the part turns out to be of a size for which a digest that was left out was needed,
/// it is [`Unscannable::Contradiction`], never clean.
///
/// It is done as soon as more bytes were seen than any signature is for.
struct DigestInspector {
    part: PartId,
    names: Arc<Names>,
    set: Arc<DigestSet>,
    declared: Option<u64>,
    seen: u64,
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl DigestInspector {
    fn find<D: Digest, const N: usize>(
        &self,
        hasher: Option<D>,
        table: &Table<N>,
        at: Window<'_>,
        found: &mut Findings,
    ) -> Outcome {
        let Some(hasher) = hasher else {
            return if table.may_hold(Some(self.seen)) {
                Outcome::Unscannable(Unscannable::Contradiction)
            } else {
                Outcome::Clean
            };
        };
        let mut outcome = Outcome::Clean;
        for id in table.find(&hasher.finalize(), self.seen) {
            found.push(Finding::structural(self.names.entry(id), self.part, at.end()));
            outcome = Outcome::Found;
        }
        outcome
    }
}

impl Inspector for DigestInspector {
    /// The whole part; but when no digest is computed, nothing is kept back for it.
    fn reach(&self) -> Reach {
        if self.set.may_hold(self.declared) { Reach::Part } else { Reach::Span { lookback: 0 } }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        let fresh = window.fresh();
        self.seen = self.seen.saturating_add(fresh.len() as u64);
        if self.seen > self.set.size_max() {
            return Progress::Done(Outcome::Clean);
        }
        feed(&mut self.md5, &self.set.md5, fresh, self.seen);
        feed(&mut self.sha1, &self.set.sha1, fresh, self.seen);
        feed(&mut self.sha256, &self.set.sha256, fresh, self.seen);
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let (md5, sha1, sha256) = (self.md5.take(), self.sha1.take(), self.sha256.take());
        let set = self.set.clone();
        let outcomes = [
            self.find(md5, &set.md5, tail, found),
            self.find(sha1, &set.sha1, tail, found),
            self.find(sha256, &set.sha256, tail, found),
        ];
        if outcomes.contains(&Outcome::Found) {
            return Outcome::Found;
        }
        let unscannable = outcomes.into_iter().find(|outcome| *outcome != Outcome::Clean);
        unscannable.unwrap_or(Outcome::Clean)
    }
}

/// Shows `fresh` to a hasher, or drops it when `seen` is more than any entry of its table has.
fn feed<D: Digest, const N: usize>(
    hasher: &mut Option<D>,
    table: &Table<N>,
    fresh: &[u8],
    seen: u64,
) {
    if seen > table.size_max() {
        *hasher = None;
    } else if let Some(hasher) = hasher {
        hasher.update(fresh);
    }
}
