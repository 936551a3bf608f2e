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
    /// Those of files that are never found. They are looked up here since what they need is
    /// computed here anyway.
    exempt: Arc<DigestSet>,
}

impl Digests {
    pub(crate) fn new(set: DigestSet, names: Arc<Names>, exempt: Arc<DigestSet>) -> Self {
        Self { set: Arc::new(set), names, exempt }
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
            md5: hasher(&self.set.md5, &self.exempt.md5, part.size),
            sha1: hasher(&self.set.sha1, &self.exempt.sha1, part.size),
            sha256: hasher(&self.set.sha256, &self.exempt.sha256, part.size),
            set: self.set.clone(),
            exempt: self.exempt.clone(),
        }))
    }
}

/// A hasher, if one of two tables may hold what is of this size.
fn hasher<D: Digest, const N: usize>(
    set: &Table<N>,
    exempt: &Table<N>,
    size: Option<u64>,
) -> Option<D> {
    (set.may_hold(size) || exempt.may_hold(size)).then(D::new)
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
        table: &Table<N>,
        at: Window<'_>,
        found: &mut Findings,
    ) -> Outcome {
        let Some(digest) = digest else {
            return if table.may_hold(Some(self.seen)) {
                Outcome::Unscannable(Unscannable::Contradiction)
            } else {
                Outcome::Clean
            };
        };
        let mut outcome = Outcome::Clean;
        for id in table.find(digest, self.seen) {
            found.push(Finding::structural(self.names.entry(id), self.part, at.end()));
            outcome = Outcome::Found;
        }
        outcome
    }

    fn is_exempt<const N: usize>(&self, digest: Option<&[u8]>, table: &Table<N>) -> bool {
        digest.is_some_and(|digest| table.find(digest, self.seen).next().is_some())
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
        feed(&mut self.md5, [&self.set.md5, &self.exempt.md5], fresh, self.seen);
        feed(&mut self.sha1, [&self.set.sha1, &self.exempt.sha1], fresh, self.seen);
        feed(&mut self.sha256, [&self.set.sha256, &self.exempt.sha256], fresh, self.seen);
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let md5 = self.md5.take().map(Digest::finalize);
        let sha1 = self.sha1.take().map(Digest::finalize);
        let sha256 = self.sha256.take().map(Digest::finalize);
        let (md5, sha1, sha256) = (md5.as_deref(), sha1.as_deref(), sha256.as_deref());
        let (set, exempt) = (self.set.clone(), self.exempt.clone());
        if self.is_exempt(md5, &exempt.md5)
            || self.is_exempt(sha1, &exempt.sha1)
            || self.is_exempt(sha256, &exempt.sha256)
        {
            return Outcome::Clean;
        }
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

/// Shows `fresh` to a hasher, or drops it when `seen` is more than any entry of its tables has.
fn feed<D: Digest, const N: usize>(
    hasher: &mut Option<D>,
    tables: [&Table<N>; 2],
    fresh: &[u8],
    seen: u64,
) {
    if tables.iter().all(|table| seen > table.size_max()) {
        *hasher = None;
    } else if let Some(hasher) = hasher {
        hasher.update(fresh);
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
        let [_, _, digests, ..] = builder.build().examiners();
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
        let [_, _, digests, ..] = DatabaseBuilder::default().build().examiners();
        assert!(digests.open(&Part::default(), &Wanted::all()).is_none());
    }
}
