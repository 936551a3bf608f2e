//! Files that are never found: those whose digest an `.fp` or `.sfp` file lists.
//!
//! What a digest is of shows at the end of a part only. So as long as the part may be one of the
//! listed ones, by its size, what is found in it is kept back, and the bytes that it is about.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Finding, Findings, Inspector, Outcome, Part, Progress, Reach, Wanted, Window,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::digest_set::DigestSet;

/// Findings that are kept back; more of one part say nothing more about it.
const KEPT_MAX: usize = 64;

/// An examiner of which findings in listed files are dropped.
pub(crate) struct Exempting<E> {
    examiner: E,
    listed: Arc<DigestSet>,
}

impl<E: Examiner> Exempting<E> {
    pub(crate) fn new(examiner: E, listed: Arc<DigestSet>) -> Self {
        Self { examiner, listed }
    }
}

impl<E: Examiner> Examiner for Exempting<E> {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let inspector = self.examiner.open(part, wanted)?;
        if !self.listed.may_hold(part.size) {
            return Some(inspector);
        }
        Some(Box::new(ExemptInspector {
            inspector,
            hashes: Hashes::new(&self.listed, part.size),
            listed: self.listed.clone(),
            seen: 0,
            done: None,
            kept: Vec::new(),
            stage: Stage::Open,
        }))
    }
}

/// The digests of a part, as far as a set of listed ones may hold it.
pub(crate) struct Hashes {
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl Hashes {
    fn new(listed: &DigestSet, size: Option<u64>) -> Self {
        Self {
            md5: listed.md5.may_hold(size).then(Md5::new),
            sha1: listed.sha1.may_hold(size).then(Sha1::new),
            sha256: listed.sha256.may_hold(size).then(Sha256::new),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.md5 {
            hasher.update(bytes);
        }
        if let Some(hasher) = &mut self.sha1 {
            hasher.update(bytes);
        }
        if let Some(hasher) = &mut self.sha256 {
            hasher.update(bytes);
        }
    }

    /// Whether `listed` has the part, which is `size` bytes long.
    fn are_in(&mut self, listed: &DigestSet, size: u64) -> bool {
        let md5 = self.md5.take().map(Digest::finalize);
        let sha1 = self.sha1.take().map(Digest::finalize);
        let sha256 = self.sha256.take().map(Digest::finalize);
        md5.is_some_and(|digest| listed.md5.find(&digest, size).next().is_some())
            || sha1.is_some_and(|digest| listed.sha1.find(&digest, size).next().is_some())
            || sha256.is_some_and(|digest| listed.sha256.find(&digest, size).next().is_some())
    }
}

/// Whether findings are kept back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The part may still be a listed one.
    Open,
    /// It is none.
    Other,
}

struct ExemptInspector {
    inspector: Box<dyn Inspector>,
    hashes: Hashes,
    listed: Arc<DigestSet>,
    seen: u64,
    /// How the inspector has ended.
    done: Option<Outcome>,
    kept: Vec<Finding>,
    stage: Stage,
}

impl ExemptInspector {
    /// Lets the inspector look, and keeps back what it finds.
    fn look<T>(&mut self, look: impl FnOnce(&mut dyn Inspector, &mut Findings) -> T) -> T {
        let room = KEPT_MAX.saturating_sub(self.kept.len());
        let mut found = Findings::new(room);
        let answer = look(&mut *self.inspector, &mut found);
        self.kept.extend(found.drain().take(room));
        answer
    }

    fn report(&mut self, found: &mut Findings) {
        self.stage = Stage::Other;
        for finding in std::mem::take(&mut self.kept) {
            found.push(finding);
        }
    }
}

impl Inspector for ExemptInspector {
    fn reach(&self) -> Reach {
        self.inspector.reach()
    }

    fn memory_max(&self) -> usize {
        // A finding has an entry with two names of its own.
        let kept = KEPT_MAX * (2 * size_of::<Finding>() + 256);
        self.inspector.memory_max().saturating_add(size_of::<Self>() + kept)
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        if self.stage == Stage::Other {
            return self.inspector.push(window, found);
        }
        self.seen = self.seen.saturating_add(window.fresh().len() as u64);
        self.hashes.update(window.fresh());
        let mut clear_to = window.end();
        if self.done.is_none() {
            match self.look(|inspector, found| inspector.push(window, found)) {
                Progress::More { clear_to: to } => clear_to = to,
                Progress::Done(outcome) => self.done = Some(outcome),
            }
        }
        if self.seen > self.listed.size_max() {
            self.report(found);
        }
        if let Some(outcome) = self.done.filter(|_| self.kept.is_empty()) {
            return Progress::Done(outcome);
        }
        let starts = self.kept.iter().filter_map(|finding| finding.place.start());
        Progress::More { clear_to: starts.chain([clear_to]).min().unwrap_or(clear_to) }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        if self.stage == Stage::Other {
            return self.inspector.finish(tail, found);
        }
        let outcome = match self.done {
            Some(outcome) => outcome,
            None => self.look(|inspector, found| inspector.finish(tail, found)),
        };
        if self.hashes.are_in(&self.listed, self.seen) {
            return if outcome == Outcome::Found { Outcome::Clean } else { outcome };
        }
        self.report(found);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::PartKind;
    use gateway_inspect::conformance::{Options, check};

    use super::*;
    use crate::DatabaseBuilder;

    const SAMPLE: &[u8] = b"The quick brown fox jumps over the lazy dog";
    const MD5: &str = "9e107d9d372bb6826bd81d3542a419d6";
    const SHA256: &str = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592";

    #[test]
    fn findings_in_listed_files_are_dropped() {
        for (listed, sample, declared, findings) in [
            (format!("{MD5}:43:a"), SAMPLE, None, 0),
            (format!("{MD5}:43:a"), SAMPLE, Some(43), 0),
            (format!("{SHA256}:43:a"), SAMPLE, None, 0),
            (format!("{SHA256}:*:a:73"), SAMPLE, None, 0),
            (format!("{MD5}:42:a"), SAMPLE, None, 1),
            (format!("{MD5}:44:a"), SAMPLE, None, 1),
            (format!("{}:43:a", MD5.replace('9', "8")), SAMPLE, None, 1),
            (format!("{MD5}:43:a"), &SAMPLE[..42], None, 1),
            (
                format!("{MD5}:43:a"),
                b"The quick brown fox jumps over the lazy dog and quick",
                None,
                1,
            ),
        ] {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.ndb", b"a:0:*:717569636b*6f7665\n").unwrap();
            builder.add_file("t.hsb", format!("{SHA256}:43:b\n").as_bytes()).unwrap();
            builder.add_file("t.sfp", listed.as_bytes()).unwrap();
            let av = builder.build();
            assert_eq!((av.report().exempt, av.signatures()), (1, 3));
            let part = Part::root(PartKind::Text, declared);
            let [eicar, bodies, digests, ..] = av.lowest_examiners();
            let options = Options { part, chunkings: 300, ..Options::default() };
            assert_eq!(check(&*eicar, sample, &options).unwrap().findings, 0);
            let found = check(&*bodies, sample, &options).unwrap().findings;
            assert_eq!(found, findings, "{listed}");
            let whole = usize::from(findings == 1 && sample == SAMPLE);
            let found = check(&*digests, sample, &options).unwrap().findings;
            assert_eq!(found, whole, "{listed}");
        }
    }
}
