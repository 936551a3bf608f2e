//! The examiner of body signatures: those for any part, and those for parts of one kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{
    Confidence, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, PartKind,
    Progress, Reach, Span, Unscannable, Wanted, Window,
};

use crate::SCANNER;
use crate::body_scan::BodyScan;
use crate::body_set::BodySet;
use crate::file_types::FileTypes;
use crate::found::Found;
use crate::index::Index;
use crate::layout::Layout;
use crate::names::Names;
use crate::pe::{HEAD_BYTES_MAX, Head};
use crate::target::Target;

/// All body and logical signatures, and what of them is for parts of which target.
#[derive(Debug)]
pub(crate) struct Bodies(Arc<Shared>);

/// What all inspectors share.
#[derive(Debug)]
struct Shared {
    set: Arc<BodySet>,
    /// For every target that has signatures of its own.
    indexes: BTreeMap<Target, Arc<Index>>,
    types: FileTypes,
    names: Arc<Names>,
}

impl Bodies {
    /// The examiner of signatures, whose ids are their numbers among `names`.
    pub(crate) fn new(
        set: BodySet,
        indexes: BTreeMap<Target, Index>,
        types: FileTypes,
        names: Arc<Names>,
    ) -> Self {
        let shared = |(target, index)| (target, Arc::new(index));
        let indexes = indexes.into_iter().map(shared).collect();
        Self(Arc::new(Shared { set: Arc::new(set), indexes, types, names }))
    }
}

impl Shared {
    fn index_of(&self, target: Option<Target>) -> Option<&Arc<Index>> {
        let targets = [target, Some(Target::Any)];
        targets.into_iter().flatten().find_map(|target| self.indexes.get(&target))
    }
}

impl Examiner for Bodies {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let target = Target::of(part.kind);
        let type_bytes = self.0.types.bytes_max();
        let mut lookback = type_bytes;
        let mut memory_max = 0;
        let mut scan = None;
        if type_bytes == 0 {
            let index = self.0.index_of(target)?;
            let mut one = BodyScan::new(self.0.set.clone(), index.clone(), part.size);
            one.set_part(None, part.container.map(|container| container.kind));
            (lookback, memory_max) = (one.lookback(), one.memory_max());
            scan = (!index.wants_layout).then_some(one);
        } else {
            for index in self.0.indexes.values() {
                let one = BodyScan::new(self.0.set.clone(), index.clone(), part.size);
                lookback = lookback.max(one.lookback());
                memory_max = memory_max.max(one.memory_max());
            }
        }
        Some(Box::new(BodyInspector {
            part: part.id,
            size: part.size,
            container: part.container.map(|container| container.kind),
            shared: self.0.clone(),
            target,
            lookback,
            memory_max,
            scan,
            missed: None,
            found: Found::default(),
        }))
    }
}

/// Looks for body signatures in one part.
struct BodyInspector {
    part: PartId,
    size: Option<u64>,
    /// What it is a member of.
    container: Option<PartKind>,
    shared: Arc<Shared>,
    /// What the part is, as far as is known.
    target: Option<Target>,
    lookback: usize,
    memory_max: usize,
    /// `None` until the first bytes have told what is needed of them.
    scan: Option<BodyScan>,
    /// Why not all signatures could be looked for.
    missed: Option<Unscannable>,
    found: Found,
}

/// Whether more of a part is to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    No,
    Yes,
}

/// What the first bytes of a part have told.
enum Begun {
    /// A scan for what it is.
    Scan(Box<BodyScan>),
    /// More of them are needed.
    Need,
    /// Nothing is looked for in what it is.
    Nothing,
}

impl BodyInspector {
    fn report(&mut self, findings: &mut Findings) {
        self.found.report(|hit| {
            let span = Span::new(Offset::new(hit.start), Offset::new(hit.end));
            let entry = self.shared.names.entry(hit.signature);
            findings.push(Finding::content(entry, self.part, span, Confidence::High));
        });
    }

    /// Begins a scan with `head`, all bytes of the part so far.
    fn begin(&mut self, head: &[u8], ended: Ended) -> Begun {
        if head.len() < self.shared.types.bytes_max() && ended == Ended::No {
            return Begun::Need;
        }
        let target = self.shared.types.target_of(head).unwrap_or(self.target);
        let Some(index) = self.shared.index_of(target) else { return Begun::Nothing };
        let mut scan = BodyScan::new(self.shared.set.clone(), index.clone(), self.size);
        let mut layout = None;
        if index.wants_layout {
            match Layout::read(target, head) {
                Head::Whole(whole) => layout = Some(whole),
                Head::Need if ended == Ended::No && head.len() < HEAD_BYTES_MAX => {
                    return Begun::Need;
                }
                Head::Need | Head::Other => {}
                Head::Far => self.missed = Some(Unscannable::TooLarge),
            }
        }
        scan.set_part(layout, self.container);
        Begun::Scan(Box::new(scan))
    }

    fn outcome(&self) -> Outcome {
        let overwhelmed = self.scan.as_ref().is_some_and(BodyScan::is_overwhelmed);
        match self.missed {
            _ if self.found.is_any() => Outcome::Found,
            Some(reason) => Outcome::Unscannable(reason),
            None if overwhelmed => Outcome::Unscannable(Unscannable::TooMany),
            None => Outcome::Clean,
        }
    }
}

impl Inspector for BodyInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.lookback }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>() + Found::MEMORY_MAX + self.memory_max
    }

    fn push(&mut self, window: Window<'_>, findings: &mut Findings) -> Progress {
        let mut window = window;
        if self.scan.is_none() {
            match self.begin(window.bytes(), Ended::No) {
                Begun::Need => return Progress::More { clear_to: Offset::ZERO },
                Begun::Nothing => return Progress::Done(Outcome::Clean),
                Begun::Scan(scan) => self.scan = Some(*scan),
            }
            window = Window::new(window.bytes(), 0, window.start());
        }
        let Some(scan) = &mut self.scan else { return Progress::Done(Outcome::Clean) };
        scan.push(window, &mut self.found);
        let clear_to = scan.clear_to(window, &self.found);
        self.report(findings);
        if self.found.is_full() {
            return Progress::Done(Outcome::Found);
        }
        Progress::More { clear_to }
    }

    fn finish(&mut self, tail: Window<'_>, findings: &mut Findings) -> Outcome {
        if self.scan.is_none() {
            match self.begin(tail.bytes(), Ended::Yes) {
                Begun::Need | Begun::Nothing => return Outcome::Clean,
                Begun::Scan(mut scan) => {
                    scan.push(Window::new(tail.bytes(), 0, tail.start()), &mut self.found);
                    self.scan = Some(*scan);
                }
            }
        }
        if let Some(scan) = &mut self.scan {
            scan.finish(tail, &mut self.found);
        }
        self.report(findings);
        self.outcome()
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
        let [_, bodies, ..] = builder.build().examiners();
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
        ("turns:0:*:6d6f72706869(B)*6d6f*7270", b".rp.mo.morphi mo.rp"),
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
        ("number;Target:0;0&1;6d6f;0(>>3#db2#>41,<43)", b".mo.41..mo.42.."),
        ("before;Target:0;0&1;6d6f;0(<<2#ib1#=0x78)", b"..mo..x.mo"),
        ("often_number;Target:0;1>1;6d6f;0(>>2#ib1#>0x60)", b"mo-moa..moz"),
        ("late;Target:0;0&1&2;6d6f;0(>>9#ib1#=0x78);7270", b".mo.rp....x.."),
    ];

    #[test]
    fn the_laws_hold_for_every_kind_of_logical_signature() {
        for (line, sample) in LOGICALS {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.ldb", line.as_bytes()).unwrap();
            let [_, bodies, ..] = builder.build().examiners();
            let options = Options { chunkings: 1_000, ..Options::default() };
            let summary = check(&*bodies, sample, &options).expect(line);
            assert_eq!(summary.findings, 1, "{line}");
        }
    }

    #[test]
    fn macros_look_for_bodies_of_their_group() {
        for (line, sample, found) in [
            ("m;Target:0;0&1;6d6f;${3-5}7$", &b"..mo.rp.."[..], true),
            ("m;Target:0;0&1;6d6f;${3-5}7$", b"..mo..hi..", true),
            ("m;Target:0;0&1;6d6f;${3-5}7$", b"..morp..hi", false),
            ("m;Target:0;0&1;6d6f;${3-5}7$", b".rp..mo....hi", false),
            ("m;Target:0;0&1;6d6f;${3-5}7$", b"..mo.mo..hi", true),
            ("m;Target:0;0&1;6d6f{0-9}7878;${2-5}7$", b"..mo.hi..xx..", true),
            ("m;Target:0;0&1;6d6f;${3-5}6$", b"..mo.rp..", false),
            ("m;Target:0;0&1=0;6d6f;${3-5}7$", b"..mo.rp..", false),
            ("m;Target:0;0&1=0;6d6f;${3-5}7$", b"..mo..", true),
        ] {
            let mut builder = DatabaseBuilder::default();
            builder.add_file("t.ndb", b"a:0:$7:7270\nb:0:$7$:6869\nc:0:$6:7a7a\n").unwrap();
            builder.add_file("t.ldb", line.as_bytes()).unwrap();
            let [_, bodies, ..] = builder.build().examiners();
            let options = Options { chunkings: 1_000, ..Options::default() };
            let findings = check(&*bodies, sample, &options).expect(line).findings;
            assert_eq!(findings, usize::from(found), "{line} {}", sample.escape_ascii());
        }
    }

    #[test]
    fn conditions_are_about_the_part() {
        let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x200)];
        let program = crate::pe::tests::program(true, 0x1010, (0, 0), &sections);
        let zip = Part::root(PartKind::Zip, None);
        for (attributes, found) in [
            ("EntryPoint:1040-1040", true),
            ("EntryPoint:1041-1099", false),
            ("NumberOfSections:1-2", true),
            ("NumberOfSections:3-9", false),
            ("Container:CL_TYPE_ZIP", true),
            ("Container:CL_TYPE_MSCAB", false),
            ("Container:CL_TYPE_ANY,EntryPoint:1040-1040", true),
        ] {
            for expression in ["0|1", "0&1=0"] {
                let line =
                    format!("a;Engine:51-255,Target:1,{attributes};{expression};2e2e2e;7878");
                let mut builder = DatabaseBuilder::default();
                builder.add_file("t.ldb", line.as_bytes()).expect(&line);
                let [_, bodies, ..] = builder.build().examiners();
                let mut part = Part::member(PartId::new(1), &zip, "zip:a".into(), 0);
                part.kind = PartKind::Pe;
                let options = Options { part, chunkings: 100, ..Options::default() };
                let findings = check(&*bodies, &program, &options).expect(&line).findings;
                assert_eq!(findings, usize::from(found), "{line}");
            }
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
            let [_, bodies, ..] = builder.build().examiners();
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
    fn offsets_count_from_places_of_a_program() {
        let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x200)];
        let mut program = crate::pe::tests::program(true, 0x1010, (0, 0), &sections);
        program[0x410..0x414].copy_from_slice(b"morp");
        program[0x612..0x616].copy_from_slice(b"hixy");
        for (offset, body, found) in [
            ("EP+0", "6d6f7270", true),
            ("EP+1", "6d6f7270", false),
            ("EP+1", "6f7270", true),
            ("EP-2", "2e2e6d6f", true),
            ("EP-4,4", "6d6f7270", true),
            ("EP-4,3", "6d6f7270", false),
            ("EP+0", "??6f72*6869", true),
            ("S0+16", "6d6f7270", true),
            ("S1+16", "6d6f7270", false),
            ("S1+18", "68697879", true),
            ("S7+18", "68697879", false),
            ("SL+10,8", "68697879", true),
            ("SE1", "68697879", true),
            ("SE0", "68697879", false),
        ] {
            let examiner = bodies(&format!("s:1:{offset}:{body}\n"));
            let part = Part::root(PartKind::Pe, None);
            let options = Options { part, chunkings: 100, ..Options::default() };
            let findings = check(&*examiner, &program, &options).unwrap().findings;
            assert_eq!(findings, usize::from(found), "{offset}:{body}");
            assert_eq!(check(&*examiner, b"MZ-", &options).unwrap().findings, 0);
        }
    }

    #[test]
    fn headers_too_far_away_are_not_clean() {
        let mut program = crate::pe::tests::program(false, 0, (0, 0), &[(0x1000, 0x400, 0x200)]);
        program[0x3D] = 0x40;
        let part = Part::root(PartKind::Pe, None);
        let mut inspector = bodies("s:1:EP+0:6d6f7270\n").open(&part, &Wanted::all()).unwrap();
        let window = Window::new(&program, 0, Offset::ZERO);
        let mut found = Findings::new(9);
        assert!(matches!(inspector.push(window, &mut found), Progress::More { .. }));
        let tail = Window::new(&[], 0, window.end());
        let large = Outcome::Unscannable(Unscannable::TooLarge);
        assert_eq!(inspector.finish(tail, &mut found), large);
    }

    #[test]
    fn types_by_first_bytes_tell_what_is_looked_for() {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.ndb", b"pdf:10:*:6d6f7270\nany:0:*:68697879\n").unwrap();
        builder.add_file("t.ftm", b"0:2:2b2b:x:CL_TYPE_ANY:CL_TYPE_PDF\n").unwrap();
        let [_, bodies, ..] = builder.build().examiners();
        for (kind, sample, findings) in [
            (PartKind::Unknown, &b"..++morp"[..], 1),
            (PartKind::Zip, b"hixy++morp", 1),
            (PartKind::Zip, b"hi++xymorp", 1),
            (PartKind::Unknown, b"..--morphixy", 1),
            (PartKind::Unknown, b"..++morphixy", 2),
            (PartKind::Pdf, b"morp", 1),
            (PartKind::Pdf, b"mo", 0),
        ] {
            let part = Part::root(kind, None);
            let options = Options { part, chunkings: 300, ..Options::default() };
            let found = check(&*bodies, sample, &options).unwrap().findings;
            assert_eq!(found, findings, "{kind} {}", sample.escape_ascii());
        }
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
