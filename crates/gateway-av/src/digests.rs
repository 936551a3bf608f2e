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
use crate::digest_set::{DigestSet, KEPT, Table};
use crate::mask::Named;

/// Digest signatures, with their names.
#[derive(Clone, Debug)]
pub(crate) struct DigestLayer {
    pub(crate) set: Arc<DigestSet>,
    pub(crate) named: Named,
}

/// All digest signatures: layer upon layer, of which each digest is computed once.
#[derive(Debug)]
pub(crate) struct Digests {
    pub(crate) layers: Arc<[DigestLayer]>,
    /// Those of files that are never found. They are looked up here since what they need is
    /// computed here anyway.
    pub(crate) exempt: Arc<DigestSet>,
}

impl Digests {
    fn hasher<D: Digest, const N: usize>(&self, of: Of<N>, size: Option<u64>) -> Option<D> {
        let mut tables = self.layers.iter().map(|layer| &*layer.set).chain([&*self.exempt]);
        tables.any(|set| of(set).may_hold(size)).then(D::new)
    }
}

impl Examiner for Digests {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let is_empty = self.layers.iter().all(|layer| layer.set.is_empty());
        if is_empty || !wanted.wants_any(SCANNER) {
            return None;
        }
        Some(Box::new(DigestInspector {
            part: part.id,
            declared: part.size,
            seen: 0,
            md5: self.hasher(MD5, part.size),
            sha1: self.hasher(SHA1, part.size),
            sha256: self.hasher(SHA256, part.size),
            layers: self.layers.clone(),
            exempt: self.exempt.clone(),
        }))
    }
}

/// Which table of a set.
type Of<const N: usize> = fn(&DigestSet) -> &Table<N>;

const MD5: Of<KEPT> = |set| &set.md5;
const SHA1: Of<KEPT> = |set| &set.sha1;
const SHA256: Of<KEPT> = |set| &set.sha256;

/// Computes the digests of one part that the database has any of.
///
/// A digest that no signature of the declared size has is not computed. A declared size may be a
/// lie: when the part turns out to be of a size for which a digest that was left out was needed,
/// it is [`Unscannable::Contradiction`], never clean.
///
/// It is done as soon as more bytes were seen than any signature is for.
struct DigestInspector {
    part: PartId,
    layers: Arc<[DigestLayer]>,
    exempt: Arc<DigestSet>,
    declared: Option<u64>,
    seen: u64,
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl DigestInspector {
    fn find<const N: usize>(
        &self,
        digest: Option<&[u8]>,
        of: Of<N>,
        at: Window<'_>,
        found: &mut Findings,
    ) -> Outcome {
        let Some(digest) = digest else {
            return if self.layers.iter().any(|one| of(&one.set).may_hold(Some(self.seen))) {
                Outcome::Unscannable(Unscannable::Contradiction)
            } else {
                Outcome::Clean
            };
        };
        let mut outcome = Outcome::Clean;
        for DigestLayer { set, named } in &*self.layers {
            let entries = of(set).find(digest, self.seen).filter_map(|id| named.entry(id));
            for entry in entries {
                found.push(Finding::structural(entry, self.part, at.end()));
                outcome = Outcome::Found;
            }
        }
        outcome
    }

    fn is_exempt<const N: usize>(&self, digest: Option<&[u8]>, of: Of<N>) -> bool {
        let exempt = of(&self.exempt);
        digest.is_some_and(|digest| exempt.find(digest, self.seen).next().is_some())
    }

    /// Shows `fresh` to a hasher; `None` when more was seen than any entry of its tables has.
    fn feed<D: Digest, const N: usize>(
        &self,
        hasher: Option<D>,
        of: Of<N>,
        fresh: &[u8],
    ) -> Option<D> {
        let mut hasher = hasher?;
        let mut sets = self.layers.iter().map(|layer| &*layer.set).chain([&*self.exempt]);
        if sets.all(|set| self.seen > of(set).size_max()) {
            return None;
        }
        hasher.update(fresh);
        Some(hasher)
    }

    fn size_max(&self) -> u64 {
        self.layers.iter().map(|layer| layer.set.size_max()).max().unwrap_or(0)
    }
}

impl Inspector for DigestInspector {
    /// The whole part; but when no digest is computed, nothing is kept back for it.
    fn reach(&self) -> Reach {
        if self.layers.iter().any(|layer| layer.set.may_hold(self.declared)) {
            Reach::Part
        } else {
            Reach::Span { lookback: 0 }
        }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        let fresh = window.fresh();
        self.seen = self.seen.saturating_add(fresh.len() as u64);
        if self.seen > self.size_max() {
            return Progress::Done(Outcome::Clean);
        }
        let (md5, sha1, sha256) = (self.md5.take(), self.sha1.take(), self.sha256.take());
        self.md5 = self.feed(md5, MD5, fresh);
        self.sha1 = self.feed(sha1, SHA1, fresh);
        self.sha256 = self.feed(sha256, SHA256, fresh);
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let md5 = self.md5.take().map(Digest::finalize);
        let sha1 = self.sha1.take().map(Digest::finalize);
        let sha256 = self.sha256.take().map(Digest::finalize);
        let (md5, sha1, sha256) = (md5.as_deref(), sha1.as_deref(), sha256.as_deref());
        if self.is_exempt(md5, MD5) || self.is_exempt(sha1, SHA1) || self.is_exempt(sha256, SHA256)
        {
            return Outcome::Clean;
        }
        let outcomes = [
            self.find(md5, MD5, tail, found),
            self.find(sha1, SHA1, tail, found),
            self.find(sha256, SHA256, tail, found),
        ];
        if outcomes.contains(&Outcome::Found) {
            return Outcome::Found;
        }
        let unscannable = outcomes.into_iter().find(|outcome| *outcome != Outcome::Clean);
        unscannable.unwrap_or(Outcome::Clean)
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check};
    use gateway_inspect::{Offset, PartKind};

    use super::*;
    use crate::DatabaseBuilder;

    const SAMPLE: &[u8] = b"The quick brown fox jumps over the lazy dog";
    const MD5: &str = "9e107d9d372bb6826bd81d3542a419d6";
    const SHA1: &str = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12";
    const SHA256: &str = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592";

    fn digests(lines: &str) -> Arc<dyn Examiner> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.hsb", lines.as_bytes()).unwrap();
        let [_, _, digests, ..] = builder.build().lowest_examiners();
        digests
    }

    #[test]
    fn each_digest_is_found_in_ten_thousand_chunkings() {
        for (lines, declared, findings) in [
            (format!("{MD5}:43:a"), None, 1),
            (format!("{SHA1}:43:a"), None, 1),
            (format!("{SHA256}:43:a"), None, 1),
            (format!("{MD5}:43:a\n{SHA1}:*:b:73\n{SHA256}:43:c"), Some(43), 3),
            (format!("{MD5}:*:a:73\n{MD5}:43:b\n{MD5}:42:c"), None, 2),
            (format!("{SHA256}:44:a"), None, 0),
            (format!("{}:43:a", SHA256.replace('d', "e")), None, 0),
        ] {
            let part = Part::root(PartKind::Unknown, declared);
            let options = Options { part, ..Options::default() };
            let summary = check(&*digests(&lines), SAMPLE, &options).expect(&lines);
            assert_eq!(summary.findings, findings, "{lines}");
        }
    }

    /// Shows the sample in one push, and says how it ended and whether it was over before the end.
    fn look(lines: &str, declared: Option<u64>) -> (Reach, Outcome, bool) {
        let part = Part::root(PartKind::Unknown, declared);
        let mut inspector = digests(lines).open(&part, &Wanted::all()).unwrap();
        let mut found = Findings::new(9);
        let reach = inspector.reach();
        match inspector.push(Window::new(SAMPLE, 0, Offset::ZERO), &mut found) {
            Progress::Done(outcome) => (reach, outcome, true),
            Progress::More { .. } => {
                let tail = Window::new(&[], 0, Offset::new(SAMPLE.len() as u64));
                (reach, inspector.finish(tail, &mut found), false)
            }
        }
    }

    #[test]
    fn a_declared_size_saves_work_but_is_not_believed() {
        let lie = Outcome::Unscannable(Unscannable::Contradiction);
        let span = Reach::Span { lookback: 0 };
        let other = format!("{SHA1}:99:other");
        let both = format!("{MD5}:43:a\n{SHA1}:99:b");
        for (lines, declared, expected) in [
            (format!("{MD5}:43:a"), Some(43), (Reach::Part, Outcome::Found, false)),
            (format!("{MD5}:43:a\n{other}"), Some(50), (span, lie, false)),
            (format!("{MD5}:50:a\n{other}"), Some(43), (span, Outcome::Clean, false)),
            (format!("{MD5}:50:a\n{other}"), Some(44), (span, Outcome::Clean, false)),
            (both.clone(), Some(43), (Reach::Part, Outcome::Found, false)),
            (both, Some(99), (Reach::Part, lie, false)),
            // More was seen than any signature is for.
            (format!("{MD5}:42:a"), None, (Reach::Part, Outcome::Clean, true)),
            (format!("{MD5}:42:a"), Some(7), (span, Outcome::Clean, true)),
        ] {
            assert_eq!(look(&lines, declared), expected, "{lines} {declared:?}");
        }
    }

    #[test]
    fn nothing_is_opened_without_a_signature() {
        let [_, _, digests, ..] = DatabaseBuilder::default().build().lowest_examiners();
        assert!(digests.open(&Part::default(), &Wanted::all()).is_none());
    }
}
