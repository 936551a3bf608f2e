//! Images of ISO 9660, Joliet included: their files, as they come. Folders have to stand before what
//! is in them, as all programs write them. An image that is one of UDF as well is read as that, both sides of it.

use std::collections::BTreeMap;

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use super::udf;
use super::volume::FileSystem;
use crate::Limits;
use crate::coding::decoder::Decoder;

pub(super) const SECTOR: u64 = 2_048;
/// What the first descriptor begins with, behind its type, and where.
pub(crate) const SIGNATURE: &[u8] = b"CD001\x01";
pub(crate) const SIGNATURE_AT: u64 = 16 * SECTOR + 1;
pub(super) const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
pub(super) const LAST: u8 = 255;
/// Flags of a record: of a folder, of a section that another follows.
pub(super) const FOLDER: u8 = 2;
pub(super) const GOES_ON: u8 = 0x80;
/// Descriptors that are read.
pub(super) const DESCRIPTORS_MAX: u32 = 64;
/// Bytes of names and places that are kept.
const PENDING_BYTES_MAX: usize = 4 << 20;

/// What is expected at a place.
enum Extent {
    Folder { path: Vec<u8>, wide: Wide },
    File { path: Vec<u8> },
}

impl Extent {
    const fn is_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A descriptor, behind so many.
    Descriptor(u32),
    /// What is behind the last of them.
    Behind,
    Files,
}

/// A file that is recorded in sections (ECMA-119, 6.5): where they begin and how long they are together, as
/// they follow each other.
struct Sections {
    path: Vec<u8>,
    sector: u32,
    bytes: u64,
}

/// Whether names are in UTF-16, as those of Joliet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wide {
    No,
    Yes,
}

/// The format.
pub(crate) struct Iso {
    /// Where the next byte stands in the image.
    at: u64,
    stage: Stage,
    /// The descriptors, from [`SIGNATURE_AT`] on, for whom reads them as those of UDF.
    descriptors: Vec<u8>,
    /// By the place where they begin, with their length.
    pending: BTreeMap<u64, (u64, Extent)>,
    pending_bytes: usize,
    /// The sections of a file that have come so far, if it goes on in the next record.
    sections: Option<Sections>,
    failed: Option<Unscannable>,
}

impl Iso {
    /// An image from its first descriptor on, behind the type of that.
    pub(crate) const fn new() -> Self {
        Self {
            at: SIGNATURE_AT,
            stage: Stage::Descriptor(0),
            descriptors: Vec::new(),
            pending: BTreeMap::new(),
            pending_bytes: 0,
            sections: None,
            failed: None,
        }
    }

    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    fn expect(&mut self, sector: u32, bytes: u64, extent: Extent) {
        let place = u64::from(sector) * SECTOR;
        if bytes == 0 {
            return;
        }
        if let Some((known, of)) = self.pending.get(&place) {
            // Whoever reads it as the other one sees something else.
            if *known != bytes || of.is_folder() != extent.is_folder() {
                self.fail(Unscannable::Contradiction);
            }
            return;
        }
        if place < self.at {
            // It is behind already.
            return self.fail(Unscannable::Unsupported);
        }
        let (Extent::Folder { path, .. } | Extent::File { path }) = &extent;
        self.pending_bytes += path.len() + 64;
        if self.pending_bytes > PENDING_BYTES_MAX {
            return self.fail(Unscannable::TooMany);
        }
        self.pending.insert(place, (bytes, extent));
    }

    fn read_descriptor(&mut self, count: u32, head: &[u8]) -> Head {
        // Of the first one the type was used to find it.
        let (kind, body) = match (count, head) {
            (0, body) => (PRIMARY, body),
            (_, [kind, body @ ..]) => (*kind, body),
            (_, []) => (LAST, head),
        };
        let bytes = (SECTOR - self.at % SECTOR) as usize;
        if head.len() < bytes {
            return Head::Need(bytes);
        }
        if udf::is_descriptor(body.get(..udf::ID_BYTES).unwrap_or_default()) {
            return self.become_udf();
        }
        if !body.starts_with(SIGNATURE.get(..5).unwrap_or_default()) || count >= DESCRIPTORS_MAX {
            return Head::Broken(Unscannable::Malformed);
        }
        self.at += bytes as u64;
        self.descriptors.extend_from_slice(head.get(..bytes).unwrap_or_default());
        if let Some(Root { sector, bytes, wide }) = read_root(kind, body) {
            self.expect(sector, bytes, Extent::Folder { path: Vec::new(), wide });
        }
        self.stage =
            if kind == LAST { Stage::Behind } else { Stage::Descriptor(count.saturating_add(1)) };
        Head::Skip { bytes, skip: 0 }
    }

    /// What is behind the last descriptor: another one, by which it is an image of UDF as well, or not.
    fn read_behind(&mut self, head: &[u8]) -> Head {
        let id = head.get(1..).unwrap_or_default();
        if id.len() < udf::ID_BYTES && udf::may_be_descriptor(id) {
            return Head::Need(head.len() + 1);
        }
        if udf::is_descriptor(id.get(..udf::ID_BYTES).unwrap_or_default()) {
            return self.become_udf();
        }
        self.stage = Stage::Files;
        self.descriptors = Vec::new();
        Head::Skip { bytes: 0, skip: 0 }
    }

    fn become_udf(&mut self) -> Head {
        let first = std::mem::take(&mut self.descriptors);
        self.pending.clear();
        Head::Volume { system: FileSystem::Udf, base: SIGNATURE_AT, first }
    }

    /// Reads the records of one sector of a folder.
    fn read_folder(&mut self, records: &[u8], path: &[u8], wide: Wide) {
        for Record { name, sector, bytes, flags } in (Records { records, wide }) {
            let separator: &[u8] = if path.is_empty() { b"" } else { b"/" };
            let full = [path, separator, &name].concat();
            if flags & FOLDER != 0 {
                self.expect(sector, bytes, Extent::Folder { path: full, wide });
            } else {
                self.section(full, sector, bytes);
                if flags & GOES_ON == 0 {
                    self.end_file();
                }
            }
        }
    }

    /// A section of a file: the next of the one at hand, or its first.
    fn section(&mut self, path: Vec<u8>, sector: u32, bytes: u64) {
        if let Some(sections) = &mut self.sections {
            let end = u64::from(sections.sector) * SECTOR + sections.bytes;
            if sections.path == path && end == u64::from(sector) * SECTOR {
                sections.bytes = sections.bytes.saturating_add(bytes);
                return;
            }
            // It is somewhere else: what is in both is in no part.
            self.fail(Unscannable::Unsupported);
            self.end_file();
        }
        self.sections = Some(Sections { path, sector, bytes });
    }

    fn end_file(&mut self) {
        if let Some(Sections { path, sector, bytes }) = self.sections.take() {
            self.expect(sector, bytes, Extent::File { path });
        }
    }

    fn next(&mut self, head: &[u8]) -> Head {
        let Some((place, (bytes, extent))) = self.pending.pop_first() else { return Head::End(0) };
        if place > self.at {
            let skip = place - self.at;
            self.at = place;
            self.pending.insert(place, (bytes, extent));
            return Head::Skip { bytes: 0, skip };
        }
        if place < self.at {
            // Files that share bytes.
            self.fail(Unscannable::Contradiction);
            return Head::Skip { bytes: 0, skip: 0 };
        }
        match extent {
            Extent::File { path } => {
                self.at += bytes;
                let member = Member::stream("iso", path, Decoder::Stored { left: bytes });
                let member = Member { size: Some(bytes), ..member };
                let packed = Some(bytes);
                Head::Member(Box::new(Entry { bytes: 0, packed, behind: 0, crc: None, member }))
            }
            Extent::Folder { path, wide } => {
                let sector = bytes.min(SECTOR);
                let Some(records) = head.get(..sector as usize) else {
                    self.pending.insert(place, (bytes, Extent::Folder { path, wide }));
                    return Head::Need(sector as usize);
                };
                self.at += sector;
                if bytes > sector {
                    let rest = Extent::Folder { path: path.clone(), wide };
                    self.pending.insert(self.at, (bytes - sector, rest));
                }
                self.read_folder(records, &path, wide);
                if bytes == sector {
                    self.end_file();
                }
                Head::Skip { bytes: sector as usize, skip: 0 }
            }
        }
    }
}

/// The folder that a descriptor tells of.
pub(super) struct Root {
    pub(super) sector: u32,
    pub(super) bytes: u64,
    pub(super) wide: Wide,
}

/// The root of a volume, by the type of its descriptor and what is behind that.
pub(super) fn read_root(kind: u8, body: &[u8]) -> Option<Root> {
    let wide = match body.get(87..90) {
        Some(b"%/@" | b"%/C" | b"%/E") => Wide::Yes,
        _ => Wide::No,
    };
    let root = Root { sector: u32_at(body, 157), bytes: u32_at(body, 165).into(), wide };
    matches!(kind, PRIMARY | SUPPLEMENTARY).then_some(root)
}

/// A record of a folder.
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    pub(super) sector: u32,
    pub(super) bytes: u64,
    pub(super) flags: u8,
}

/// The records of one sector of a folder, but for itself and what it is in.
pub(super) struct Records<'a> {
    pub(super) records: &'a [u8],
    pub(super) wide: Wide,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while let Some(len @ 34..) = self.records.first().copied().map(usize::from) {
            let (record, rest) = self.records.split_at_checked(len)?;
            self.records = rest;
            let byte = |at: usize| record.get(at).copied().unwrap_or(0);
            let name = record.get(33..33 + usize::from(byte(32))).unwrap_or_default();
            if matches!(name, [0] | [1]) {
                continue;
            }
            let (sector, bytes) = (u32_at(record, 2), u64::from(u32_at(record, 10)));
            let sector = sector.saturating_add(byte(1).into());
            return Some(Record {
                name: read_name(name, self.wide),
                sector,
                bytes,
                flags: byte(25),
            });
        }
        None
    }
}

fn read_name(name: &[u8], wide: Wide) -> Vec<u8> {
    let name = match wide {
        Wide::No => name.to_vec(),
        Wide::Yes => {
            let units = name.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b));
            String::from_utf16_lossy(&units.collect::<Vec<_>>()).into_bytes()
        }
    };
    // The version of a file tells nothing.
    name.strip_suffix(b";1").map(<[u8]>::to_vec).unwrap_or(name)
}

impl Headed for Iso {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        match self.stage {
            Stage::Descriptor(count) => self.read_descriptor(count, head),
            Stage::Behind => self.read_behind(head),
            Stage::Files => self.next(head),
        }
    }

    fn may_end(&self) -> bool {
        !matches!(self.stage, Stage::Descriptor(_)) && self.pending.is_empty()
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}
