//! Compound Files ([MS-CFB]): legacy Office documents, MSI packages, saved mail.
//!
//! Every stream is a member, and so is the text of Word, Excel and PowerPoint documents. Sectors that
//! belong to no stream are a member as well: whoever looks for what was hidden looks there.

use std::collections::VecDeque;
use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::compressed_rtf::CompressedRtf;
use super::hangul::{self, Hangul};
use super::{office, ole1, vba};
use crate::Limits;
use crate::allowance::Allowance;
use crate::archive::Member;
use crate::coding::decoder::Decoder;
use crate::coding::held::{Deflated, HeldThrough};
use crate::coding::transform::Transform;

const HEADER_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;
/// Sectors of 512 and 4,096 bytes are in use; readers take others as well.
const SECTOR_SHIFT_MAX: u16 = 16;
const MINI_SECTOR: usize = 64;
/// Sector numbers from here on mean something else.
const REGULAR_MAX: u32 = 0xffff_fffa;
/// What PowerPoint tells of a document in ([MS-PPT], section 2.3.2).
const CURRENT_USER: &str = "Current User";
/// What the stream ends its name with that has the text of a mail in RTF ([MS-OXMSG], section 2.2.4.1.1).
const COMPRESSED_RTF: &str = "_10090102";
/// Streams of one file, at the most; the rest: `TooMany`.
const STREAMS_MAX: usize = 4_096;

/// A Compound File of which all is there.
pub(super) struct Cfb {
    bytes: Bytes,
    sector: usize,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    mini: Bytes,
    cutoff: u64,
    /// Sectors that belong to something.
    used: Vec<bool>,
    mini_used: Vec<bool>,
    streams: VecDeque<Stream>,
    /// What was found in streams.
    found: VecDeque<Member>,
    /// Streams that Word text is read from.
    word: Option<Bytes>,
    /// What a document of Hangul says of its streams.
    hangul: Option<Hangul>,
    allowance: Allowance,
    failed: Option<Unscannable>,
    ended: bool,
}

/// A stream, not read yet.
struct Stream {
    path: String,
    start: u32,
    size: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

impl Cfb {
    /// Reads tables and directory.
    pub(super) fn open(bytes: Bytes, limits: &Limits) -> Result<Self, Unscannable> {
        let shift = u16_at(&bytes, 30);
        if bytes.len() < HEADER_BYTES || !(9..=SECTOR_SHIFT_MAX).contains(&shift) {
            return Err(Unscannable::Malformed);
        }
        let sector = 1 << shift;
        let count = bytes.len().saturating_sub(sector).div_ceil(sector);
        let mut file = Self {
            sector,
            table: Vec::new(),
            mini_table: Vec::new(),
            mini: Bytes::new(),
            cutoff: u32_at(&bytes, 56).into(),
            used: vec![false; count],
            mini_used: Vec::new(),
            streams: VecDeque::new(),
            found: VecDeque::new(),
            word: None,
            hangul: None,
            allowance: Allowance::new(bytes.len()),
            failed: None,
            ended: false,
            bytes,
        };
        file.read_table();
        let directory = file.read_chain(u32_at(&file.bytes, 48), u64::MAX);
        let mini = file.read_chain(u32_at(&file.bytes, 60), u64::MAX);
        file.mini_table = numbers(&mini);
        let root = directory.get(..ENTRY_BYTES).ok_or(Unscannable::Malformed)?;
        let (start, size) = (u32_at(root, 116), u32_at(root, 120));
        file.mini = file.read_chain(start, size.into());
        file.mini_used = vec![false; file.mini.len().div_ceil(MINI_SECTOR)];
        file.list(&directory, limits.name_bytes_max);
        Ok(file)
    }

    pub(super) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.mini.len()
    }

    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    fn sector_at(&self, number: u32) -> &[u8] {
        let from = (number as usize).saturating_add(1).saturating_mul(self.sector);
        let to = from.saturating_add(self.sector).min(self.bytes.len());
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// Takes a sector for something, if nothing else has it.
    fn take(&mut self, number: u32) -> bool {
        self.used.get_mut(number as usize).is_some_and(|used| !std::mem::replace(used, true))
    }

    /// The table of sectors: where it stands, the header says, and sectors that continue that list.
    fn read_table(&mut self) {
        let mut list: Vec<u32> = (0..109).map(|i| u32_at(&self.bytes, 76 + 4 * i)).collect();
        let mut next = u32_at(&self.bytes, 68);
        while next < REGULAR_MAX && self.take(next) {
            let more = numbers(self.sector_at(next));
            let (last, more) = more.split_last().unwrap_or((&REGULAR_MAX, &[]));
            list.extend_from_slice(more);
            next = *last;
        }
        let count = u32_at(&self.bytes, 44) as usize;
        for number in list.into_iter().filter(|number| *number < REGULAR_MAX).take(count) {
            if !self.take(number) {
                self.fail(Unscannable::Contradiction);
                continue;
            }
            let entries = numbers(self.sector_at(number));
            self.table.extend_from_slice(&entries);
        }
    }

    /// The sectors from `start` on, up to `size` bytes.
    fn read_chain(&mut self, start: u32, size: u64) -> Bytes {
        let mut out = BytesMut::new();
        let mut next = start;
        while next < REGULAR_MAX && (out.len() as u64) < size {
            if !self.take(next) {
                self.fail(if (next as usize) < self.used.len() {
                    Unscannable::Contradiction
                } else {
                    Unscannable::Malformed
                });
                break;
            }
            out.extend_from_slice(self.sector_at(next));
            next = self.table.get(next as usize).copied().unwrap_or(REGULAR_MAX);
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        out.freeze()
    }

    fn read_mini(&mut self, start: u32, size: u64) -> Bytes {
        let mut out = BytesMut::new();
        let mut next = start;
        while next < REGULAR_MAX && (out.len() as u64) < size {
            let is_free = |used: &mut bool| !std::mem::replace(used, true);
            if !self.mini_used.get_mut(next as usize).is_some_and(is_free) {
                self.fail(Unscannable::Contradiction);
                break;
            }
            let from = next as usize * MINI_SECTOR;
            let to = (from + MINI_SECTOR).min(self.mini.len());
            out.extend_from_slice(self.mini.get(from..to).unwrap_or_default());
            next = self.mini_table.get(next as usize).copied().unwrap_or(REGULAR_MAX);
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        out.freeze()
    }

    /// Lists the streams with their paths: first those in the tree, then any that are not. No more is kept
    /// of the path of a folder than is shown of it.
    fn list(&mut self, directory: &[u8], name_bytes_max: usize) {
        let entries: Vec<&[u8]> = directory.chunks_exact(ENTRY_BYTES).collect();
        let mut seen = vec![false; entries.len()];
        let child = |entry: &[u8]| u32_at(entry, 76);
        let root: Rc<str> = "".into();
        let mut waiting = vec![(entries.first().map_or(u32::MAX, |root| child(root)), root)];
        let nowhere: Rc<str> = "?/".into();
        let mut orphans = (1..entries.len() as u32).map(|i| (i, Rc::clone(&nowhere)));
        while let Some((number, folder)) = waiting.pop().or_else(|| orphans.next()) {
            let Some(entry) = entries.get(number as usize) else { continue };
            if seen.get_mut(number as usize).is_none_or(|seen| std::mem::replace(seen, true)) {
                continue;
            }
            let path = format!("{folder}{}", name(entry));
            waiting.extend([68, 72].map(|at| (u32_at(entry, at), Rc::clone(&folder))));
            match entry.get(66) {
                Some(1) if folder.len() > name_bytes_max => waiting.push((child(entry), folder)),
                Some(1) => waiting.push((child(entry), format!("{path}/").into())),
                Some(2) if self.streams.len() >= STREAMS_MAX => self.fail(Unscannable::TooMany),
                Some(2) => {
                    let (start, low) = (u32_at(entry, 116), u64::from(u32_at(entry, 120)));
                    let high = if self.sector > 512 { u64::from(u32_at(entry, 124)) } else { 0 };
                    self.streams.push_back(Stream { path, start, size: high << 32 | low });
                }
                _ => {}
            }
        }
        // It tells what the others are.
        let header = self.streams.iter().position(|stream| hangul::is_header(&stream.path));
        if let Some(header) = header.and_then(|at| self.streams.remove(at)) {
            self.streams.push_front(header);
        }
    }

    /// The next member.
    pub(super) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        loop {
            if let Some(member) = self.found.pop_front() {
                return Some(member);
            }
            if let Some(stream) = self.streams.pop_front() {
                return Some(self.read_stream(&stream, limits));
            }
            if std::mem::replace(&mut self.ended, true) {
                return None;
            }
            let slack: Vec<u8> = (0u32..)
                .zip(&self.used)
                .filter(|(_, used)| !**used)
                .flat_map(|(number, _)| self.sector_at(number).iter().copied())
                .collect();
            if slack.iter().any(|b| !matches!(b, 0 | 0xff)) {
                self.found.push_back(held("slack", slack.into()));
            }
        }
    }

    fn read_stream(&mut self, stream: &Stream, limits: &Limits) -> Member {
        let bytes = if stream.size < self.cutoff {
            self.read_mini(stream.start, stream.size)
        } else {
            self.read_chain(stream.start, stream.size)
        };
        if (bytes.len() as u64) < stream.size {
            self.fail(Unscannable::Malformed);
        }
        let name = stream.path.rsplit('/').next().unwrap_or_default();
        match name {
            "WordDocument" => self.word = Some(bytes.clone()),
            "0Table" | "1Table" => {
                if self.allowance.is_spent() {
                    self.fail(Unscannable::WorkExceeded);
                } else if let Some(text) =
                    self.word.as_ref().and_then(|word| office::word(word, &bytes, name))
                {
                    // The same document may be read by any number of tables.
                    self.allowance.spend(text.len());
                    self.found.push_back(text_view(text));
                }
            }
            "Workbook" | "Book" => self.found.push_back(text_view(office::excel(&bytes))),
            "PowerPoint Document" => {
                let (text, objects) = office::power_point(&bytes);
                self.found.push_back(text_view(text));
                for object in objects {
                    self.found.push_back(unpacked(bytes.slice_ref(object), limits));
                }
            }
            _ if self.hangul.is_none() && hangul::is_header(&stream.path) => {
                self.hangul = Hangul::read(&bytes);
                if self.hangul.as_ref().is_some_and(Hangul::is_encrypted) {
                    self.fail(Unscannable::Encrypted);
                }
            }
            "\u{1}Ole10Native" => {
                if let Some((name, file)) = ole1::package(bytes.get(4..).unwrap_or_default()) {
                    self.found
                        .push_back(held(&format!("{}/{name}", stream.path), bytes.slice_ref(file)));
                }
            }
            _ if is_rtf(&stream.path) => self.found.push_back(through(
                &format!("{}/rtf", stream.path),
                bytes.clone(),
                Box::new(CompressedRtf::new()),
            )),
            _ if is_module(&stream.path) => self.find_source(&stream.path, &bytes, limits),
            _ => {}
        }
        if (name == "WordDocument" || name == "Workbook") && office::is_encrypted(&bytes) {
            self.fail(Unscannable::Encrypted);
        }
        if name == "EncryptedPackage" || name == CURRENT_USER && office::is_encrypted_show(&bytes) {
            self.fail(Unscannable::Encrypted);
        }
        let inner = self.hangul.as_ref().and_then(|hangul| hangul.inner(&stream.path, &bytes));
        Member { inner, ..held(&stream.path, bytes) }
    }

    /// The source of macros in the stream of a module, from each place on where it may begin. All of them
    /// together yield no more than one would, and all but the first are bytes that are read again, of which
    /// each takes as long as two that are only shown.
    fn find_source(&mut self, path: &str, module: &Bytes, limits: &Limits) {
        let places = vba::source_at(module);
        if places.are_more {
            self.fail(Unscannable::TooMany);
        }
        // Eight at the most.
        let ratio_max = limits.ratio_max / (places.at.len().max(1) as u32);
        let limits = Limits { ratio_max, ..limits.clone() };
        for (i, at) in places.at.into_iter().enumerate() {
            let packed = module.slice(at..);
            if i > 0 && !self.allowance.take(2 * packed.len()) {
                self.fail(Unscannable::WorkExceeded);
                break;
            }
            let source = Box::new(vba::Source::new(&limits));
            self.found.push_back(through(&format!("{path}/vba"), packed, source));
        }
    }
}

fn held(path: &str, bytes: Bytes) -> Member {
    let size = Some(bytes.len() as u64);
    let name = path.as_bytes().to_vec();
    Member { size, from: Some(0), ..Member::stream("ole", name, Decoder::Held(bytes)) }
}

/// The text of the document.
fn text_view(text: String) -> Member {
    Member { view: true, ..held("text", text.into()) }
}

/// An object that is compressed with zlib.
fn unpacked(packed: Bytes, limits: &Limits) -> Member {
    through("object", packed, Box::new(Deflated::zlib(limits)))
}

/// What `transform` makes of bytes.
fn through(path: &str, packed: Bytes, transform: Box<dyn Transform>) -> Member {
    let packed_size = Some(packed.len() as u64);
    let decoder = Decoder::Other(Box::new(HeldThrough::new(packed, vec![transform])));
    let member = Member::stream("ole", path.as_bytes().to_vec(), decoder);
    Member { packed_size, from: Some(0), ..member }
}

/// Whether a stream has the text of a mail: names of properties stand in streams of the same name.
fn is_rtf(path: &str) -> bool {
    path.ends_with(COMPRESSED_RTF) && !path.contains("__nameid_version1.0/")
}

/// Whether a stream is in the folder that modules are in.
fn is_module(path: &str) -> bool {
    path.rsplit('/').nth(1).is_some_and(|folder| folder.eq_ignore_ascii_case("VBA"))
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect()
}

/// The name of an entry; those of MSI packages pack two characters into one.
fn name(entry: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let bytes = usize::from(u16_at(entry, 64)).saturating_sub(2).min(62);
    let (units, _) = entry.get(..bytes).unwrap_or_default().as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|b| u16::from_le_bytes(*b)).collect();
    let digit = |value: u16| char::from(DIGITS[usize::from(value & 0x3f)]);
    let mut name = String::new();
    for c in char::decode_utf16(units) {
        match c.map_or(0xfffd, u32::from) {
            packed @ 0x3800..0x4800 => {
                let packed = (packed - 0x3800) as u16;
                name.extend([digit(packed), digit(packed >> 6)]);
            }
            packed @ 0x4800..0x4840 => name.push(digit((packed - 0x4800) as u16)),
            c => name.push(char::from_u32(c).unwrap_or('\u{fffd}')),
        }
    }
    name
}
