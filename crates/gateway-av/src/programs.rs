//! The examiner of digests that are of pieces of a Windows program: of its sections, and of what it
//! imports. PE32+ is looked at like PE32.

use std::sync::Arc;

use gateway_inspect::{
    Examiner, Finding, Findings, Inspector, Outcome, Part, PartId, PartKind, Progress, Reach,
    Unscannable, Wanted, Window,
};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use crate::SCANNER;
use crate::digest_set::{DigestSet, KEPT, Table};
use crate::imports::{IMPORT_BYTES_MAX, Joined, Kept, join, stretch};
use crate::mask::Named;
use crate::pe::{HEAD_BYTES_MAX, Head, Pe, Section};

/// Sections that are hashed at a time; a program whose sections lie over one another so often is
/// [`Unscannable::TooMany`].
const OVERLAP_MAX: usize = 8;

/// The digests of sections and those of imports, with their names.
#[derive(Clone, Debug)]
pub(crate) struct ProgramLayer {
    pub(crate) sections: Arc<DigestSet>,
    pub(crate) imports: Arc<DigestSet>,
    pub(crate) named: Named,
}

/// All of them: layer upon layer, of which each digest is computed once.
#[derive(Debug)]
pub(crate) struct Programs(pub(crate) Arc<[ProgramLayer]>);

/// Which table of a layer.
type Of<const N: usize> = fn(&ProgramLayer) -> &Table<N>;

const SECTION_MD5: Of<KEPT> = |layer| &layer.sections.md5;
const SECTION_SHA1: Of<KEPT> = |layer| &layer.sections.sha1;
const SECTION_SHA256: Of<KEPT> = |layer| &layer.sections.sha256;
const IMPORTS_MD5: Of<KEPT> = |layer| &layer.imports.md5;
const IMPORTS_SHA1: Of<KEPT> = |layer| &layer.imports.sha1;
const IMPORTS_SHA256: Of<KEPT> = |layer| &layer.imports.sha256;

impl Examiner for Programs {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let Self(layers) = self;
        let is_empty = layers.iter().all(|one| one.sections.is_empty() && one.imports.is_empty());
        if is_empty || part.kind != PartKind::Pe || !wanted.wants_any(SCANNER) {
            return None;
        }
        Some(Box::new(ProgramInspector {
            part: part.id,
            declared: part.size,
            layers: layers.clone(),
            seen: 0,
            head: Vec::new(),
            look: None,
            outcome: Outcome::Clean,
        }))
    }
}

/// The digests of a section as far as it was seen.
struct SectionLook {
    section: Section,
    md5: Option<Md5>,
    sha1: Option<Sha1>,
    sha256: Option<Sha256>,
}

impl SectionLook {
    fn is_hashed(&self) -> bool {
        self.md5.is_some() || self.sha1.is_some() || self.sha256.is_some()
    }
}

/// What is looked for once the headers are known.
struct Look {
    pe: Pe,
    /// Those that are not over yet.
    sections: Vec<SectionLook>,
    imports: Option<ImportLook>,
}

/// The bytes that imports are read from.
struct ImportLook {
    at: u64,
    len: u64,
    bytes: Vec<u8>,
}

struct ProgramInspector {
    part: PartId,
    declared: Option<u64>,
    layers: Arc<[ProgramLayer]>,
    seen: u64,
    /// The bytes that it begins with.
    head: Vec<u8>,
    look: Option<Look>,
    outcome: Outcome,
}

impl ProgramInspector {
    /// Begins the look at a program with these headers.
    fn begin(&mut self, pe: Pe) -> Result<(), Unscannable> {
        let mut all: Vec<_> = pe.sections.iter().filter(|one| one.len > 0).copied().collect();
        all.sort_unstable_by_key(|one| (one.offset, one.len));
        all.dedup_by_key(|one| (one.offset, one.len));
        let mut sections: Vec<SectionLook> = Vec::new();
        for section in all {
            let look = self.hashers(section);
            let is_over = |one: &&SectionLook| {
                one.is_hashed()
                    && one.section.offset.saturating_add(one.section.len) > section.offset
            };
            if look.is_hashed() && sections.iter().filter(is_over).count() >= OVERLAP_MAX {
                return Err(Unscannable::TooMany);
            }
            sections.push(look);
        }
        let imports = self.wants_imports().then(|| stretch(&pe)).flatten();
        let imports = imports.map(|(at, len)| ImportLook { at, len, bytes: Vec::new() });
        self.look = Some(Look { pe, sections, imports });
        Ok(())
    }

    fn wants_imports(&self) -> bool {
        self.layers.iter().any(|layer| !layer.imports.is_empty())
    }

    /// The hashers for a section, of those digests that the database has of as many bytes as the
    /// section may have. A declared size may be a lie, so what it left out is looked up too in the end.
    fn hashers(&self, section: Section) -> SectionLook {
        let end = section.offset.saturating_add(section.len);
        let sizes = match self.declared {
            // It may end early.
            None => 1..=section.len,
            Some(size) => {
                let len = size.min(end).saturating_sub(section.offset);
                len..=len
            }
        };
        let mut layers = self.layers.iter().map(|layer| &layer.sections);
        SectionLook {
            section,
            md5: layers.clone().any(|set| set.md5.may_hold_any_of(&sizes)).then(Md5::new),
            sha1: layers.clone().any(|set| set.sha1.may_hold_any_of(&sizes)).then(Sha1::new),
            sha256: layers.any(|set| set.sha256.may_hold_any_of(&sizes)).then(Sha256::new),
        }
    }

    /// Shows it `bytes`, which begin at `at`.
    fn feed(&mut self, at: u64, bytes: &[u8], found: &mut Findings) {
        let Some(mut look) = self.look.take() else { return };
        let end = at.saturating_add(bytes.len() as u64);
        for one in &mut look.sections {
            let of = overlap(one.section.offset, one.section.len, at, bytes);
            if let Some(hasher) = &mut one.md5 {
                hasher.update(of);
            }
            if let Some(hasher) = &mut one.sha1 {
                hasher.update(of);
            }
            if let Some(hasher) = &mut one.sha256 {
                hasher.update(of);
            }
        }
        look.sections.retain_mut(|one| {
            let is_open = one.section.offset.saturating_add(one.section.len) > end;
            if !is_open {
                let len = one.section.len;
                self.settle(one, len, one.section.offset.saturating_add(len), found);
            }
            is_open
        });
        if let Some(imports) = &mut look.imports {
            imports.bytes.extend_from_slice(overlap(imports.at, imports.len, at, bytes));
        }
        let imports_end = look.imports.as_ref().map(|one| one.at.saturating_add(one.len));
        if let Some(at) = imports_end.filter(|at| *at <= end) {
            // How long the file is does not show yet.
            self.settle_imports(&mut look, at, u64::MAX, found);
        }
        self.look = Some(look);
    }

    /// A section has ended, and has `len` bytes.
    fn settle(&mut self, one: &mut SectionLook, len: u64, at: u64, found: &mut Findings) {
        self.look_up(one.md5.take(), SECTION_MD5, len, at, found);
        self.look_up(one.sha1.take(), SECTION_SHA1, len, at, found);
        self.look_up(one.sha256.take(), SECTION_SHA256, len, at, found);
    }

    fn look_up<D: Digest, const N: usize>(
        &mut self,
        hasher: Option<D>,
        of: Of<N>,
        len: u64,
        at: u64,
        found: &mut Findings,
    ) {
        let Some(hasher) = hasher else {
            // Not computed, since the declared size spoke against it.
            if len > 0 && self.layers.iter().any(|layer| of(layer).may_hold(Some(len))) {
                self.fail(Unscannable::Contradiction);
            }
            return;
        };
        let digest = hasher.finalize();
        let at = gateway_inspect::Offset::new(at);
        for layer in &*self.layers {
            let ids = of(layer).find(&digest, len);
            for entry in ids.filter_map(|id| layer.named.entry(id)) {
                found.push(Finding::structural(entry, self.part, at));
                self.outcome = Outcome::Found;
            }
        }
    }

    /// The bytes that imports are read from have passed, `at` being where they end, of a file that
    /// has at most `size` bytes.
    fn settle_imports(&mut self, look: &mut Look, at: u64, size: u64, found: &mut Findings) {
        let Some(imports) = look.imports.take() else { return };
        let kept = Kept { head: &self.head, bytes: &imports.bytes, at: imports.at, size };
        match join(&look.pe, kept) {
            Joined::Text(text) => {
                let len = text.len() as u64;
                let md5 = self.imports(IMPORTS_MD5, &text);
                self.look_up::<Md5, _>(md5, IMPORTS_MD5, len, at, found);
                let sha1 = self.imports(IMPORTS_SHA1, &text);
                self.look_up::<Sha1, _>(sha1, IMPORTS_SHA1, len, at, found);
                let sha256 = self.imports(IMPORTS_SHA256, &text);
                self.look_up::<Sha256, _>(sha256, IMPORTS_SHA256, len, at, found);
            }
            Joined::Nothing => {}
            Joined::Outside => self.fail(Unscannable::TooLarge),
        }
    }

    /// The digest of what is imported, if there is any in its table.
    fn imports<D: Digest, const N: usize>(&self, of: Of<N>, text: &[u8]) -> Option<D> {
        let is_wanted = self.layers.iter().any(|layer| !of(layer).is_empty());
        is_wanted.then(|| D::new_with_prefix(text))
    }

    fn fail(&mut self, reason: Unscannable) {
        if self.outcome == Outcome::Clean {
            self.outcome = Outcome::Unscannable(reason);
        }
    }

    /// Reads the headers from what was seen, `fresh` being the last of it.
    fn read_head(&mut self, fresh: &[u8], found: &mut Findings) -> Option<Outcome> {
        let old = self.head.len();
        let room = HEAD_BYTES_MAX.saturating_sub(old).min(fresh.len());
        self.head.extend_from_slice(fresh.get(..room).unwrap_or_default());
        match Pe::read(&self.head) {
            Head::Need => None,
            Head::Other => Some(Outcome::Clean),
            Head::Far => Some(Outcome::Unscannable(Unscannable::TooLarge)),
            Head::Whole(pe) => {
                if let Err(reason) = self.begin(pe) {
                    return Some(Outcome::Unscannable(reason));
                }
                let head = std::mem::take(&mut self.head);
                self.feed(0, head.get(..old).unwrap_or_default(), found);
                self.head = head;
                self.feed(old as u64, fresh, found);
                None
            }
        }
    }
}

impl Inspector for ProgramInspector {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        let imports = if self.wants_imports() { 2 * IMPORT_BYTES_MAX as usize } else { 0 };
        let sections = 96 * (size_of::<SectionLook>() + 2 * size_of::<Section>());
        size_of::<Self>() + 2 * HEAD_BYTES_MAX + sections + imports
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        let fresh = window.fresh();
        let at = self.seen;
        self.seen = self.seen.saturating_add(fresh.len() as u64);
        if self.look.is_some() {
            self.feed(at, fresh, found);
        } else if let Some(outcome) = self.read_head(fresh, found) {
            return Progress::Done(outcome);
        }
        match &self.look {
            Some(look) if look.sections.is_empty() && look.imports.is_none() => {
                Progress::Done(self.outcome)
            }
            _ => Progress::More { clear_to: window.end() },
        }
    }

    fn finish(&mut self, _: Window<'_>, found: &mut Findings) -> Outcome {
        if let Some(mut look) = self.look.take() {
            let end = self.seen;
            for mut one in std::mem::take(&mut look.sections) {
                let len = end.saturating_sub(one.section.offset).min(one.section.len);
                if len > 0 {
                    self.settle(&mut one, len, end, found);
                }
            }
            self.settle_imports(&mut look, end, end, found);
        }
        self.outcome
    }
}

/// What of `bytes`, which begin at `at`, lies in the `len` bytes from `from` on.
pub(crate) fn overlap(from: u64, len: u64, at: u64, bytes: &[u8]) -> &[u8] {
    let index = |place: u64| {
        usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len())
    };
    bytes.get(index(from)..index(from.saturating_add(len))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check};

    use super::*;
    use crate::DatabaseBuilder;
    use crate::imports::tests::importing;
    use crate::pe::tests::program;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn programs(file: &str, lines: &str) -> Arc<dyn Examiner> {
        let mut builder = DatabaseBuilder::default();
        builder.add_file(file, lines.as_bytes()).unwrap();
        let [_, _, _, programs, ..] = builder.build().lowest_examiners();
        programs
    }

    fn findings(examiner: &dyn Examiner, bytes: &[u8], declared: Option<u64>) -> usize {
        let part = Part::root(PartKind::Pe, declared);
        let options = Options { part, chunkings: 300, ..Options::default() };
        check(examiner, bytes, &options).unwrap().findings
    }

    #[test]
    fn sections_are_found_by_their_digest() {
        for wide in [false, true] {
            let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x200)];
            let mut bytes = program(wide, 0x1000, (0, 0), &sections);
            bytes[0x600..].fill(b'x');
            let first = hex(&Md5::digest(&bytes[0x400..0x600]));
            let second = hex(&Sha256::digest(&bytes[0x600..0x800]));
            let cut = hex(&Sha1::digest(&bytes[0x600..0x780]));
            let lines = format!("512:{first}:a\n*:{second}:b:73\n384:{cut}:c\n511:{first}:d\n");
            let examiner = programs("t.msb", &lines);
            for declared in [None, Some(0x800)] {
                assert_eq!(findings(&*examiner, &bytes, declared), 2);
            }
            assert_eq!(findings(&*examiner, &bytes[..0x780], None), 2);
            assert_eq!(findings(&*examiner, &bytes[..0x780], Some(0x780)), 2);
        }
    }

    #[test]
    fn imports_are_found_by_their_digest() {
        let text = b"first.one,first.two,wsock32.wsastartup";
        let md5 = hex(&Md5::digest(text));
        let lines = format!("{md5}:{}:a\n{md5}:*:b:73\n{md5}:9:c\n", text.len());
        let examiner = programs("t.imp", &lines);
        for wide in [false, true] {
            assert_eq!(findings(&*examiner, &importing(wide), None), 2);
        }
        assert_eq!(findings(&*examiner, &importing(false)[..0x640], None), 0);
    }

    fn outcome(examiner: &dyn Examiner, bytes: &[u8], declared: Option<u64>) -> Outcome {
        let part = Part::root(PartKind::Pe, declared);
        let mut inspector = examiner.open(&part, &Wanted::all()).unwrap();
        let mut found = Findings::new(9);
        match inspector.push(Window::new(bytes, 0, gateway_inspect::Offset::ZERO), &mut found) {
            Progress::Done(outcome) => outcome,
            Progress::More { .. } => {
                let end = gateway_inspect::Offset::new(bytes.len() as u64);
                inspector.finish(Window::new(&[], 0, end), &mut found)
            }
        }
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_clean() {
        let examiner =
            programs("t.mdb", &format!("512:{}:a\n384:{}:b:1", "0".repeat(32), "1".repeat(32)));
        let bytes = program(false, 0x1000, (0, 0), &[(0x1000, 0x400, 0x200)]);
        assert_eq!(outcome(&*examiner, &bytes, None), Outcome::Clean);
        let lie = Outcome::Unscannable(Unscannable::Contradiction);
        assert_eq!(outcome(&*examiner, &bytes, Some(0x444)), lie);
        let mut far = bytes;
        far[0x3D] = 0x40;
        let large = Outcome::Unscannable(Unscannable::TooLarge);
        assert_eq!(outcome(&*examiner, &far, None), large);
        let over: Vec<_> = (0..9).map(|n| (0x1000 * (n + 1), 0x400 + 0x200 * n, 0x1200)).collect();
        let over = program(false, 0x1000, (0, 0), &over);
        let many = Outcome::Unscannable(Unscannable::TooMany);
        let any = programs("t.mdb", &format!("*:{}:a:73", "0".repeat(32)));
        assert_eq!(outcome(&*any, &over, None), many);
        assert!(any.open(&Part::root(PartKind::Elf, None), &Wanted::all()).is_none());
    }
}
