//! The examiner of body signatures: those for any part, and those for parts of one kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_inspect::{
    Confidence, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress,
    Reach, Span, Wanted, Window,
};

use crate::SCANNER;
use crate::body_scan::BodyScan;
use crate::body_set::BodySet;
use crate::found::Found;
use crate::index::Index;
use crate::literal::{Key, Literal};
use crate::names::Names;
use crate::target::Target;

/// All body and logical signatures, and what of them is for parts of which target.
#[derive(Debug)]
pub(crate) struct Bodies {
    set: Arc<BodySet>,
    /// For every target that has signatures of its own.
    indexes: BTreeMap<Target, Arc<Index>>,
    names: Arc<Names>,
}

impl Bodies {
    /// The examiner of signatures, whose ids are their numbers among `names`.
    pub(crate) fn new(set: BodySet, names: Arc<Names>) -> Self {
        let mut set = set;
        let targets: BTreeSet<_> = set.segments.iter().map(|placed| placed.target).collect();
        let literals: Vec<_> =
            set.segments.iter().map(|placed| Literal::of(&placed.segment)).collect();
        let mut keys = vec![Key::default(); literals.len()];
        let mut indexes = BTreeMap::new();
        for target in targets {
            let index = Index::new(&set, target, &literals, &mut keys);
            indexes.insert(target, Arc::new(index));
        }
        set.keys = keys;
        Self { set: Arc::new(set), indexes, names }
    }
}

impl Examiner for Bodies {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let targets = [Target::of(part.kind), Some(Target::Any)];
        let index = targets.into_iter().flatten().find_map(|target| self.indexes.get(&target))?;
        let scan = BodyScan::new(self.set.clone(), index.clone(), part.size);
        let (part, names) = (part.id, self.names.clone());
        Some(Box::new(BodyInspector { part, names, scan, found: Found::default() }))
    }
}

/// Looks for body signatures in one part.
struct BodyInspector {
    part: PartId,
    names: Arc<Names>,
    scan: BodyScan,
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
        Reach::Span { lookback: self.scan.lookback() }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>() + Found::MEMORY_MAX + self.scan.memory_max()
    }

    fn push(&mut self, window: Window<'_>, findings: &mut Findings) -> Progress {
        self.scan.push(window, &mut self.found);
        self.report(findings);
        if self.found.is_full() {
            return Progress::Done(Outcome::Found);
        }
        Progress::More { clear_to: self.scan.clear_to(window, &self.found) }
    }

    fn finish(&mut self, tail: Window<'_>, findings: &mut Findings) -> Outcome {
        self.scan.finish(tail, &mut self.found);
        self.report(findings);
        if self.found.is_any() { Outcome::Found } else { Outcome::Clean }
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::PartKind;
    use gateway_inspect::conformance::{Options, check, check_idle};

    use super::*;
    use crate::DatabaseBuilder;

    fn bodies(lines: &str) -> Arc<dyn Examiner> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.ndb", lines.as_bytes()).unwrap();
        let [_, bodies, _] = builder.build().examiners();
        bodies
    }

    /// Each kind of body, and what lets it be found.
    const KINDS: &[(&str, &[u8])] = &[
        ("literal:0:*:6d6f72706869", b"..morphi.."),
        ("wide:0:*:30313233343536373839616263646566676869", b"..0123456789abcdefghi.."),
        ("any:0:*:6d6f??7068??6d", b"..mo.phxm.."),
        ("nibbles:0:*:6d6f7?70?869", b"..morphi.."),
        ("exact:0:*:6d6f72{5}706869", b"..mor.....phi.."),
        ("bounded:0:*:6d6f72{1-3}706869{-2}6d6d", b".mormor..phi.mm."),
        ("star:0:*:6d6f*7270*6869", b".hi.mo.rp..hi."),
        ("at_least:0:*:6d6f{3-}7270", b"mo.rp..rp"),
        ("at:0:2:6d6f7270", b"..morp.."),
        ("at_shift:0:1,3:6d6f72*7068", b"...mor..ph"),
        ("end:0:EOF-6:6d6f7270", b"..morp.."),
        ("end_shift:0:EOF-8,4:6d6f7270", b"..morp.."),
        ("text:7:*:6d6f7270", b"..morp.."),
        ("choice:0:*:6d6f(72|73)!(70|71)6869", b"..morphi..mosxhi"),
        ("ways:0:*:(6d6f|6d)72(70|7068(69|6a))6d6d", b"..mrphimm.."),
        ("words:0:*:(W)6d6f7270(W)", b".xmorp morp"),
        ("line:0:*:(L)6d6f7270(L)", b"\nmorp\rmorp\nmorp\r\n"),
        ("reach:0:*:6d[1-3]6f7270[0-1]68", b"..m..orp.h.."),
    ];

    /// Logical signatures, and what lets each be found.
    const LOGICALS: &[(&str, &[u8])] = &[
        ("and;Target:0;0&1;6d6f;7270", b"..rp..mo..rp"),
        ("often;Target:0;0>2;6d6f", b"mo.mo..momo"),
        ("different;Target:0;(0|1|2)>3,2;6d6f;7270;6869", b"momomo.hi.."),
        ("exactly;Target:0;0=2;6d6f", b"..mo...mo.."),
        ("not;Target:0;0&1=0;6d6f;7270", b"..mo......"),
        ("nothing;Target:0;0=0;6d6f", b"........."),
        ("later;Target:0;0=1|0=3;6d6f", b"mo..mo...mo."),
        ("size;Engine:51-255,Target:0,FileSize:8-99;0;6d6f", b"..mo......"),
        ("case;Target:0;0;6d6f7270::i", b"..MoRp..."),
        ("wide;Target:0;0>1;6d6f7270::wa", b".morp..m\0o\0r\0p\0"),
        ("word;Target:0;0&1;6d6f::f;2:7270", b"..rpmo.mo"),
        ("gap;Target:0;0>1;6d6f*7270", b"..mo.rp..rp"),
    ];

    #[test]
    fn the_laws_hold_for_every_kind_of_logical_signature() {
        for (line, sample) in LOGICALS {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.ldb", line.as_bytes()).unwrap();
            let [_, bodies, _] = builder.build().examiners();
            let options = Options { chunkings: 1_000, ..Options::default() };
            let summary = check(&*bodies, sample, &options).expect(line);
            assert_eq!(summary.findings, 1, "{line}");
        }
    }

    #[test]
    fn a_logical_signature_that_holds_no_more_is_not_found() {
        for (line, sample) in [
            ("exactly;Target:0;0=2;6d6f", &b"..mo...mo..mo"[..]),
            ("not;Target:0;0&1=0;6d6f;7270", b"..mo....rp.."),
            ("nothing;Target:0;0=0;6d6f", b"......mo."),
            ("size;Engine:51-255,Target:0,FileSize:8-9;0;6d6f", b"..mo......"),
        ] {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.ldb", line.as_bytes()).unwrap();
            let [_, bodies, _] = builder.build().examiners();
            let options = Options { chunkings: 1_000, ..Options::default() };
            assert_eq!(check(&*bodies, sample, &options).expect(line).findings, 0, "{line}");
        }
    }

    /// More segments are under way at a time than are remembered.
    #[test]
    fn what_is_forgotten_is_found_again() {
        let line = |n: usize| format!("s{n}:0:*:6161{{{n}}}6262\n");
        let lines: String = (100..112).map(line).collect();
        let sample = [&[b'a'; 300][..], b"bb..."].concat();
        let options = Options { chunkings: 10, ..Options::default() };
        let summary = check(&*bodies(&lines), &sample, &options).unwrap();
        assert_eq!(summary.findings, 12);
    }

    #[test]
    fn the_laws_hold_for_every_kind_of_body_in_ten_thousand_chunkings() {
        for (line, sample) in KINDS {
            let options = Options { part: Part::root(PartKind::Text, None), ..Options::default() };
            let summary = check(&*bodies(line), sample, &options).expect(line);
            assert_eq!((summary.findings, summary.chunkings), (1, 10_002), "{line}");
            check_idle(&*bodies(line), b"zzzz zz z zzzz zzzzz zz z", &options).expect(line);
        }
    }

    #[test]
    fn the_laws_hold_for_all_kinds_at_once() {
        let lines: Vec<_> = KINDS.iter().map(|(line, _)| *line).collect();
        let samples: Vec<_> = KINDS.iter().map(|(_, sample)| *sample).collect();
        let options = Options {
            chunkings: 2_000,
            part: Part::root(PartKind::Text, None),
            ..Options::default()
        };
        let summary = check(&*bodies(&lines.join("\n")), &samples.concat(), &options).unwrap();
        assert!(summary.findings >= 9, "{summary:?}");
    }

    #[test]
    fn no_more_than_a_few_signatures_are_reported_of_one_part() {
        let line = |n: u32| format!("s{n}:0:*:{n:08x}\n");
        let lines: String = (0..100).map(line).collect();
        let sample: Vec<u8> = (0..100u32).rev().flat_map(u32::to_be_bytes).collect();
        let options = Options { chunkings: 500, ..Options::default() };
        let summary = check(&*bodies(&lines), &sample, &options).unwrap();
        assert_eq!(summary.findings, crate::found::SIGNATURES_FOUND_MAX);
    }

    #[test]
    fn a_signature_is_looked_for_in_its_target_only() {
        let examiner = bodies("pe:1:*:6d6f7270\npdf:10:*:6d6f7270\n");
        for (kind, open) in [
            (PartKind::Pe, true),
            (PartKind::Pdf, true),
            (PartKind::Zip, false),
            (PartKind::Unknown, false),
        ] {
            let part = Part::root(kind, None);
            assert_eq!(examiner.open(&part, &Wanted::all()).is_some(), open, "{kind}");
            assert!(examiner.open(&part, &Wanted::from_iter(["dlp"])).is_none());
        }
    }
}
