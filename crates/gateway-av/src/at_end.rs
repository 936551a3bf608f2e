//! The examiner of signatures that can be judged at the end of a part only: those with an offset from
//! a section of an ELF program, whose table of sections stands at the end of the file, or from the
//! version information of a Windows program, which stands among its resources; those with regular
//! expressions, which are searched for in all of a part once their triggers hold; and those for which
//! a part is looked at once more as something else.
//!
//! It clears nothing before the end, so it has a pass of its own, and keeps the bytes that this looks
//! back over. It is opened for parts that such a signature is for, and costs nothing otherwise. Only
//! where one of the last two kinds may be for the part are its bytes kept from the first one on, up to a
//! limit; what was not kept when it is needed, or takes too much work, is unscannable.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_inspect::{
    Containers, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId, Progress,
    Reach, Unscannable, Wanted, Window,
};

use crate::SCANNER;
use crate::end_pass::{EndPass, STEP};
use crate::found::Hit;
use crate::names::Names;
use crate::pass::{Look, Pass, Signatures};
use crate::target::Target;

/// All such signatures.
#[derive(Debug)]
pub(crate) struct AtEnd {
    pub(crate) signatures: Arc<Signatures>,
    /// The other ones, for parts that are looked at as something else.
    pub(crate) bodies: Arc<Signatures>,
    /// Those of the layer upon this one, which are looked for then too.
    pub(crate) upon: Option<Upon>,
    /// Bytes of a part that are kept for what takes all of it.
    pub(crate) whole_bytes_max: usize,
}

/// A layer upon another one: its signatures are reported by examiners of their own, but for those of
/// a part that is looked at as something else.
#[derive(Clone, Debug)]
pub(crate) struct Upon {
    pub(crate) bodies: Arc<Signatures>,
    pub(crate) late: Arc<Signatures>,
}

impl Examiner for AtEnd {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) {
            return None;
        }
        let pass = Pass::open(&self.signatures, part)?;
        Some(Box::new(EndInspector {
            part: part.id,
            outside: part.containers.within(part.kind),
            bodies: self.bodies.clone(),
            upon: self.upon.clone(),
            pass: EndPass::new(pass, self.whole_bytes_max),
            whole_bytes_max: self.whole_bytes_max,
            reported: BTreeSet::new(),
            has_found: false,
            handlers: BTreeSet::new(),
        }))
    }
}

/// Looks for such signatures in one part.
struct EndInspector {
    part: PartId,
    /// What the part is in when it is looked at as something else: itself, as ClamAV has it.
    outside: Containers,
    bodies: Arc<Signatures>,
    upon: Option<Upon>,
    pass: EndPass,
    whole_bytes_max: usize,
    /// Signatures that were reported, here or by the others, by their ids.
    reported: BTreeSet<u32>,
    has_found: bool,
    /// What the part is to be looked at as in the end.
    handlers: BTreeSet<Target>,
}

impl EndInspector {
    /// Reports what was found since the last time, but for what only says what the part is.
    fn report(&mut self, findings: &mut Findings) {
        for hit in self.pass.hits() {
            let index = self.pass.pass.index();
            match index.and_then(|index| index.handler_of(hit.signature)) {
                Some(target) => {
                    self.handlers.insert(target);
                }
                None => self.push_finding(hit, findings),
            }
        }
    }

    fn push_finding(&mut self, hit: Hit, findings: &mut Findings) {
        if self.reported.insert(hit.signature) {
            let names = self.bodies.names.clone();
            self.push_named(&names, hit, findings);
        }
    }

    fn push_named(&mut self, names: &Names, hit: Hit, findings: &mut Findings) {
        self.has_found = true;
        let entry = names.entry(hit.signature);
        findings.push(Finding::structural(entry, self.part, Offset::new(hit.end)));
    }

    /// `whole`, which is all of the part, looked at as `target` and as being in `containers`.
    fn again(
        &self,
        signatures: &Arc<Signatures>,
        target: Option<Target>,
        containers: Containers,
        whole: &[u8],
    ) -> (Vec<Hit>, Option<Unscannable>) {
        let pass = self.pass.pass.again(signatures, target, containers);
        let mut pass = EndPass::new(pass, self.whole_bytes_max);
        pass.step(whole);
        pass.end();
        (pass.hits(), pass.pass.missed())
    }

    /// What is found when the part is looked at as something else, and was not found before. What has
    /// asked for it is found if it holds there too.
    fn look_again(&mut self, findings: &mut Findings) {
        let Some(whole) = self.pass.whole().map(<[u8]>::to_vec) else {
            self.pass.pass.missed = Some(Unscannable::TooLarge);
            return;
        };
        let signatures = self.pass.pass.signatures.clone();
        let target = self.pass.pass.target;
        let again = |signatures: &Arc<Signatures>, target| {
            self.again(signatures, target, self.outside, &whole)
        };
        let (before, _) = again(&self.bodies, target);
        let mut all = Vec::new();
        for target in &self.handlers {
            all.push(again(&self.bodies, Some(*target)));
            all.push(again(&signatures, Some(*target)));
        }
        self.reported.extend(before.iter().map(|hit| hit.signature));
        for (hits, missed) in all {
            for hit in hits {
                self.push_finding(hit, findings);
            }
            self.pass.pass.missed = self.pass.pass.missed.or(missed);
        }
        if let Some(upon) = self.upon.clone() {
            self.look_upon(&upon, &whole, findings);
        }
    }

    /// The same for the layer upon this one, whose examiners have reported what they found in the part
    /// as what it is.
    fn look_upon(&mut self, upon: &Upon, whole: &[u8], findings: &mut Findings) {
        let Pass { target, containers, .. } = self.pass.pass;
        let Upon { bodies, late } = upon;
        let before = [(bodies, self.outside), (late, containers)];
        let before = before.map(|(one, within)| self.again(one, target, within, whole).0);
        let mut reported: BTreeSet<_> =
            before.into_iter().flatten().map(|hit| hit.signature).collect();
        for target in self.handlers.clone() {
            for signatures in [bodies, late] {
                let (hits, missed) = self.again(signatures, Some(target), self.outside, whole);
                for hit in hits {
                    if reported.insert(hit.signature) {
                        self.push_named(&bodies.names, hit, findings);
                    }
                }
                self.pass.pass.missed = self.pass.pass.missed.or(missed);
            }
        }
    }
}

impl Inspector for EndInspector {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        let again = if self.pass.pass.signatures.have_handlers() {
            let upon = self.upon.iter().flat_map(|upon| [&upon.bodies, &upon.late]);
            let all = [&self.bodies, &self.pass.pass.signatures].into_iter().chain(upon);
            self.pass.memory_max() + all.map(|one| one.scan_bytes_max()).sum::<usize>()
        } else {
            0
        };
        size_of::<Self>() + self.pass.memory_max() + again + 32 * 64
    }

    fn push(&mut self, window: Window<'_>, findings: &mut Findings) -> Progress {
        for fresh in window.fresh().chunks(STEP) {
            if self.pass.step(fresh) == Look::Nothing {
                return Progress::Done(Outcome::Clean);
            }
        }
        self.report(findings);
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, _: Window<'_>, findings: &mut Findings) -> Outcome {
        self.pass.end();
        self.report(findings);
        if !self.handlers.is_empty() {
            self.look_again(findings);
        }
        let missed = self.pass.pass.missed();
        if self.has_found {
            Outcome::Found
        } else {
            missed.map_or(Outcome::Clean, Outcome::Unscannable)
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::PartKind;
    use gateway_inspect::conformance::{Options, check};

    use super::*;
    use crate::elf::tests::program;
    use crate::resources::tests::with_version;
    use crate::{DatabaseBuilder, DatabaseLimits};

    fn at_end(file: &str, lines: &str) -> Arc<dyn Examiner> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file(file, lines.as_bytes()).expect(lines);
        assert_eq!(builder.report().unsupported_total(), 0, "{lines}");
        let [.., at_end] = builder.build().lowest_examiners();
        at_end
    }

    fn findings(examiner: &dyn Examiner, kind: PartKind, bytes: &[u8]) -> usize {
        let part = Part::root(kind, None);
        let options = Options { part, chunkings: 60, ..Options::default() };
        check(examiner, bytes, &options).unwrap().findings
    }

    fn outcome(examiner: &dyn Examiner, kind: PartKind, bytes: &[u8]) -> Outcome {
        let mut inspector = examiner.open(&Part::root(kind, None), &Wanted::all()).unwrap();
        let mut found = Findings::new(9);
        let window = Window::new(bytes, 0, Offset::ZERO);
        match inspector.push(window, &mut found) {
            Progress::Done(outcome) => outcome,
            Progress::More { .. } => {
                inspector.finish(Window::new(&[], 0, window.end()), &mut found)
            }
        }
    }

    fn sample(wide: bool, big: bool) -> Vec<u8> {
        let mut bytes = program(wide, big, &[(0, 0), (0x110, 0x20), (0x180, 0x40)]);
        bytes[0x112..0x116].copy_from_slice(b"morp");
        bytes[0x190..0x194].copy_from_slice(b"hixy");
        bytes
    }

    #[test]
    fn offsets_count_from_sections_whose_table_stands_at_the_end() {
        for (offset, body, expected) in [
            ("S1+2", "6d6f7270", true),
            ("S1+3", "6d6f7270", false),
            ("S1+0,2", "6d6f7270", true),
            ("S1+0", "????6d6f7270", true),
            ("S2+2", "6d6f7270", false),
            ("S3+0,999", "6d6f7270", false),
            ("SE1", "6d6f7270", true),
            ("SE2", "6d6f7270", false),
            ("SL+16", "68697879", true),
            ("SL+10,8", "68697879", true),
            ("S1+2", "6d6f7270*68697879", true),
            ("S1+2", "6d6f{1-9}702e*6869*7879", true),
            ("S1+2", "6d6f{2-9}702e*6869*7879", false),
            ("SE1", "6d6f*2e2e*6869*2e2e", true),
            ("SE2", "6d6f7270*68697879", false),
            ("SE1", "6d6f(72|7270)*68697879", true),
        ] {
            let examiner = at_end("t.ndb", &format!("s:6:{offset}:{body}"));
            for (wide, big) in [(false, true), (true, false)] {
                let bytes = sample(wide, big);
                let found = findings(&*examiner, PartKind::Elf, &bytes);
                assert_eq!(found, usize::from(expected), "{offset}:{body}");
                // Without the whole table no section is known.
                let cut = &bytes[..bytes.len() - 1];
                assert_eq!(findings(&*examiner, PartKind::Elf, cut), 0, "{offset}:{body}");
            }
            assert!(examiner.open(&Part::root(PartKind::Pe, None), &Wanted::all()).is_none());
        }
    }

    #[test]
    fn members_of_logical_signatures_count_from_sections() {
        for (line, expected) in [
            ("NumberOfSections:3-3;0&1;S1+2:6d6f7270;68697879", true),
            ("NumberOfSections:4-9;0&1;S1+2:6d6f7270;68697879", false),
            ("EntryPoint:272-272;0&1=0;SE1:6d6f7270;SE2:6d6f7270", true),
            ("EntryPoint:0-999;0=0;SE1:6d6f7270", false),
            ("EntryPoint:0-999;0>8;SE2:2e2e", true),
            ("EntryPoint:0-999;0=1;SE1:6d6f*2e6869", true),
            ("EntryPoint:0-999;0&1;SE1:6d6f;0:7f45", true),
        ] {
            let line = format!("s;Engine:51-255,Target:6,{line}");
            let examiner = at_end("t.ldb", &line);
            let found = findings(&*examiner, PartKind::Elf, &sample(true, true));
            assert_eq!(found, usize::from(expected), "{line}");
        }
    }

    #[test]
    fn bodies_stand_at_names_of_version_information() {
        let name =
            |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}00")).collect() };
        for (body, expected) in [
            (name("Company"), true),
            (name("ompany"), false),
            (format!("??00{}", name("ompany")), true),
            (format!("{}*{}", name("Name"), name("Worm")), true),
            (name("Worm"), false),
            (name("Nothing"), false),
        ] {
            for line in
                [("t.ndb", format!("s:1:VI:{body}")), ("t.ldb", format!("s;Target:1;0;VI:{body}"))]
            {
                let examiner = at_end(line.0, &line.1);
                for wide in [false, true] {
                    let strings = [("Company", "Own"), ("Nothing", ""), ("Name", "Worm")];
                    let bytes = with_version(wide, &strings);
                    let found = findings(&*examiner, PartKind::Pe, &bytes);
                    assert_eq!(found, usize::from(expected), "{}", line.1);
                }
            }
        }
    }

    #[test]
    fn version_information_too_far_away_is_not_clean() {
        let mut bytes = with_version(false, &[("Company", "Own")]);
        // The section has 8 MiB, and the directory leads behind what is gathered of it.
        let row = 0x80 + 24 + 224 + 40;
        for at in [row + 8, row + 16] {
            bytes[at..at + 4].copy_from_slice(&(8u32 << 20).to_le_bytes());
        }
        bytes[0x600 + 20..][..4].copy_from_slice(&0x8060_0000u32.to_le_bytes());
        bytes.resize(0x600 + (7 << 20), b'-');
        let examiner = at_end("t.ndb", "s:1:VI:43006f00");
        let too_large = Outcome::Unscannable(Unscannable::TooLarge);
        assert_eq!(outcome(&*examiner, PartKind::Pe, &bytes), too_large);
        let examiner = at_end("t.ndb", "s:1:VI:43006f01");
        assert_eq!(outcome(&*examiner, PartKind::Pe, &bytes), Outcome::Clean);
    }

    /// Logical signatures with regular expressions, and whether each is found.
    const REGEXES: &[(&str, &str, bool)] = &[
        ("0&1;6d6f;0/r[pq]h/", "..morph..", true),
        ("0&1;6d6f;0/R.H/i", "..morph..", true),
        ("0&1;6d6f;0/xyz/", "..morph..", false),
        ("1;7a7a;0/mo/", "..morph..", false),
        ("1;7a7a;0=0/mo/", "..morph..", true),
        ("0&1=0;6d6f;0/zz/", "..morph..", true),
        ("0&1=0;6d6f;0/mo/", "..morph..", false),
        ("0&1>2;6d6f;0/o./g", "moxoyoz", true),
        ("0&1>2;6d6f;0/o./", "moxoyoz", false),
        ("0&1>0;6d6f;2,4:0/o./e", "moxoyoz", true),
        ("0&1;6d6f;1:0/o/", "moxoyoz", true),
        ("0&1;6d6f;2:0/o/", "moxoyoz", false),
        ("0&1;6d6f;EOF-2:0/oz/", "moxoyoz", true),
        ("0&1&2;6d6f;0/r/;1/h/", "..morph..", true),
        ("0&1&2;6d6f;0/q/;1/h/", "..morph..", false),
        ("0&1;6d6f;0>1/h$/", "momorph", true),
        ("0&1;6d6f;0>1/h$/", "..morph", false),
    ];

    #[test]
    fn regular_expressions_are_searched_for_once_their_triggers_hold() {
        for (line, sample, expected) in REGEXES {
            for size in ["", ",FileSize:1-99", ",FileSize:99-999"] {
                let line = format!("s;Engine:81-255,Target:0{size};{line}");
                let found = findings(&*at_end("t.ldb", &line), PartKind::Text, sample.as_bytes());
                let is_of_size = !size.contains("999");
                assert_eq!(found, usize::from(*expected && is_of_size), "{line} {sample}");
            }
        }
    }

    #[test]
    fn what_was_not_searched_is_not_clean() {
        let limits = DatabaseLimits { whole_bytes_max: 64, ..DatabaseLimits::default() };
        let open = |line: &str| {
            let mut builder = DatabaseBuilder::new(limits.clone());
            builder.add_file("t.ldb", line.as_bytes()).unwrap();
            let [.., at_end] = builder.build().lowest_examiners();
            at_end
        };
        let large = [b"mo".to_vec(), vec![b'-'; 99_999]].concat();
        let negated = open("s;Target:0;0&1=0;6d6f;0/r/");
        let examiner = open("s;Target:0;0&1;6d6f;0/r/");
        let too_large = Outcome::Unscannable(Unscannable::TooLarge);
        assert_eq!(outcome(&*examiner, PartKind::Text, &large), too_large);
        assert_eq!(outcome(&*negated, PartKind::Text, &large), too_large);
        assert_eq!(outcome(&*negated, PartKind::Text, &large[..64]), Outcome::Found);
        assert_eq!(outcome(&*examiner, PartKind::Text, &large[1..]), Outcome::Clean);
        assert_eq!(outcome(&*examiner, PartKind::Text, &large[..64]), Outcome::Clean);
        let members: Vec<_> = (1..=20).map(|member| member.to_string()).collect();
        let line = format!("s;Target:0;0&{};6d6f{}", members.join("&"), ";0/q[a]z/".repeat(20));
        let exceeded = Outcome::Unscannable(Unscannable::WorkExceeded);
        assert_eq!(outcome(&*open(&line), PartKind::Text, &large[..64]), exceeded);
    }

    #[test]
    fn parts_are_looked_at_as_what_handlers_say() {
        let handler = "h;Engine:51-255,Target:TARGET,HandlerType:CL_TYPE_HTML;0;6d6f7270";
        for (target, sample, expected) in [
            ("7", "a morph", &["end", "html", "late"][..]),
            ("0", "a morph", &["end", "h", "html", "late"]),
            ("7", "a mor", &[]),
            ("3", "a morph", &[]),
        ] {
            let mut builder = DatabaseBuilder::default();
            let lines = [
                &handler.replace("TARGET", target),
                "late;Engine:81-255,Target:3;0&1;6d6f;0/r.h/",
                "other;Engine:81-255,Target:10;0&1;6d6f;0/r.h/",
            ];
            builder.add_file("t.ldb", lines.join("\n").as_bytes()).unwrap();
            builder
                .add_file(
                    "t.ndb",
                    b"html:3:*:6d6f7270\nany:0:*:6d6f7270\ntext:7:*:6d6f\nend:3:EOF-5:6d6f727068",
                )
                .unwrap();
            let [.., at_end] = builder.build().lowest_examiners();
            assert_eq!(findings(&*at_end, PartKind::Text, sample.as_bytes()), expected.len());
            let text = Part::root(PartKind::Text, None);
            let Some(mut inspector) = at_end.open(&text, &Wanted::all()) else {
                assert_eq!(expected.len(), 0);
                continue;
            };
            let mut found = Findings::new(9);
            let window = Window::new(sample.as_bytes(), 0, Offset::ZERO);
            inspector.push(window, &mut found);
            inspector.finish(Window::new(&[], 0, window.end()), &mut found);
            let names = found.drain().map(|finding| finding.entry.id.to_string());
            assert_eq!(
                names.collect::<BTreeSet<_>>(),
                expected.iter().map(ToString::to_string).collect()
            );
        }
    }

    #[test]
    fn more_matches_than_are_remembered_are_not_clean() {
        let mut bytes = sample(true, false);
        bytes.resize(40_000, b'-');
        let overwhelmed = Outcome::Unscannable(Unscannable::TooMany);
        for body in ["2d2d", "2d2d*7a7a"] {
            let examiner = at_end("t.ndb", &format!("s:6:SE1:{body}"));
            assert_eq!(outcome(&*examiner, PartKind::Elf, &bytes), overwhelmed, "{body}");
            let examiner = at_end("t.ldb", &format!("s;Target:6;0=0;SE1:{body}"));
            assert_eq!(outcome(&*examiner, PartKind::Elf, &bytes), overwhelmed, "{body}");
        }
    }
}
