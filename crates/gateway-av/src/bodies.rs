//! The examiner of body signatures: those for any part, and those for parts of one kind.

use std::sync::Arc;

use gateway_inspect::{
    Confidence, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress,
    Reach, Span, Wanted, Window,
};

use crate::SCANNER;
use crate::pass::{Look, Pass, Signatures};

/// All body and logical signatures that can be judged as bytes pass.
#[derive(Debug)]
pub(crate) struct Bodies(pub(crate) Arc<Signatures>);

impl Examiner for Bodies {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let pass = Pass::open(&self.0, part)?;
        Some(Box::new(BodyInspector { part: part.id, pass }))
    }
}

/// Looks for body signatures in one part.
struct BodyInspector {
    part: PartId,
    pass: Pass,
}

impl BodyInspector {
    fn report(&mut self, findings: &mut Findings) {
        let names = &self.pass.signatures.names;
        self.pass.found.report(|hit| {
            let span = Span::new(Offset::new(hit.start), Offset::new(hit.end));
            let entry = names.entry(hit.signature);
            findings.push(Finding::content(entry, self.part, span, Confidence::High));
        });
    }
}

impl Inspector for BodyInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: self.pass.lookback }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>() + self.pass.memory_max()
    }

    fn push(&mut self, window: Window<'_>, findings: &mut Findings) -> Progress {
        match self.pass.push(window) {
            Look::Need => return Progress::More { clear_to: Offset::ZERO },
            Look::Nothing => return Progress::Done(Outcome::Clean),
            Look::Begun | Look::On => {}
        }
        let clear_to = self.pass.clear_to(window);
        self.report(findings);
        if self.pass.found.is_full() {
            return Progress::Done(Outcome::Found);
        }
        Progress::More { clear_to }
    }

    fn finish(&mut self, tail: Window<'_>, findings: &mut Findings) -> Outcome {
        self.pass.end(tail);
        self.pass.conclude(tail);
        self.report(findings);
        self.pass.outcome()
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check, check_idle};

    use gateway_inspect::{PartKind, Unscannable};

    use super::*;
    use crate::DatabaseBuilder;

    fn bodies(lines: &str) -> Arc<dyn Examiner> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file("t.ndb", lines.as_bytes()).unwrap();
        let [_, bodies, ..] = builder.build().lowest_examiners();
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
        ("wide_word;Target:0;0;6d6f::wf", b"x\0m\0o\0-\0m\0o\0xm\0o\0x\0.m\0o\0"),
        ("wide_words;Target:0;0=2;6d6f*7270::awif", b"MO rp xm\0o\0r\0 \0m\0o\0--R\0p\0"),
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
            let [_, bodies, ..] = builder.build().lowest_examiners();
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
            let [_, bodies, ..] = builder.build().lowest_examiners();
            let options = Options { chunkings: 1_000, ..Options::default() };
            let findings = check(&*bodies, sample, &options).expect(line).findings;
            assert_eq!(findings, usize::from(found), "{line} {}", sample.escape_ascii());
        }
    }

    #[test]
    fn conditions_are_about_the_part() {
        let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x200)];
        let program = crate::pe::tests::program(true, 0x1010, (0, 0), &sections);
        let mut zip =
            Part::member(PartId::new(1), &Part::root(PartKind::Gzip, None), "gz:".into(), 0);
        zip.kind = PartKind::Zip;
        for (attributes, found) in [
            ("EntryPoint:1040-1040", true),
            ("EntryPoint:1041-1099", false),
            ("NumberOfSections:1-2", true),
            ("NumberOfSections:3-9", false),
            ("Container:CL_TYPE_ZIP", true),
            ("Container:CL_TYPE_MSCAB", false),
            ("Intermediates:CL_TYPE_ZIP", true),
            ("Intermediates:CL_TYPE_GZ>CL_TYPE_ZIP", true),
            ("Intermediates:CL_TYPE_ZIP>CL_TYPE_GZ", false),
            ("Intermediates:CL_TYPE_POSIX_TAR>CL_TYPE_ZIP", false),
            ("Intermediates:CL_TYPE_GZ>CL_TYPE_GZ>CL_TYPE_ZIP", false),
            ("Intermediates:CL_TYPE_ANY>CL_TYPE_ZIP", true),
            ("Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY", true),
            ("Intermediates:CL_TYPE_ANY>CL_TYPE_ANY>CL_TYPE_ANY", false),
            ("Container:CL_TYPE_ANY,EntryPoint:1040-1040", true),
        ] {
            for expression in ["0|1", "0&1=0"] {
                let line =
                    format!("a;Engine:51-255,Target:1,{attributes};{expression};2e2e2e;7878");
                let mut builder = DatabaseBuilder::default();
                builder.add_file("t.ldb", line.as_bytes()).expect(&line);
                let [_, bodies, ..] = builder.build().lowest_examiners();
                let mut part = Part::member(PartId::new(2), &zip, "zip:a".into(), 0);
                part.kind = PartKind::Pe;
                let options = Options { part, chunkings: 40, ..Options::default() };
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
            let [_, bodies, ..] = builder.build().lowest_examiners();
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
        let [_, bodies, ..] = builder.build().lowest_examiners();
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
