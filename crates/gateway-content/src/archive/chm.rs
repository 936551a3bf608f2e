//! Help files of Windows (CHM): a directory, and files that were packed together by LZX. Gathered, as
//! where the data stand tells a table in them.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::decoder::Decoder;
use crate::coding::held::HeldThrough;
use crate::coding::lzx::LzxFrames;

const SIGNATURE: &[u8] = b"ITSF";
const DIRECTORY: &[u8] = b"ITSP";
const LISTING: &[u8] = b"PMGL";
/// Bytes of a listing before its entries.
const LISTING_BYTES: usize = 20;
/// Files, at the most; the rest: `TooMany`.
const FILES_MAX: usize = 50_000;
const PACKED: &[u8] = b"::DataSpace/Storage/MSCompressed/Content";
const CONTROL: &[u8] = b"::DataSpace/Storage/MSCompressed/ControlData";
const TABLE: &[u8] = b"::DataSpace/Storage/MSCompressed/Transform/\
                       {7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable";
/// Bytes of a frame, in which the control data count.
const FRAME: u64 = 32 << 10;

/// A file of which all is there.
pub(crate) struct Chm {
    bytes: Bytes,
    /// Files as they stand, and those that are packed.
    plain: VecDeque<Place>,
    packed: Option<Vec<Place>>,
    /// Where the data of all begin.
    content: usize,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

/// Where a file stands.
#[derive(Clone, Debug)]
struct Place {
    name: Vec<u8>,
    offset: u64,
    size: u64,
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at + 4)) << 32 | u64::from(u32_at(bytes, at))
}

fn size_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64_at(bytes, at)).unwrap_or(usize::MAX)
}

/// A number of seven bits a byte, the highest first, and where it ends.
fn number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.get(at..)?.iter().take(9).enumerate() {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + i + 1));
        }
    }
    None
}

impl Chm {
    /// Reads the directory.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Unscannable> {
        if !bytes.starts_with(SIGNATURE) {
            return Err(Unscannable::Malformed);
        }
        let directory = size_at(&bytes, 0x48);
        let after = directory.saturating_add(size_at(&bytes, 0x50));
        let content = if u32_at(&bytes, 4) >= 3 { size_at(&bytes, 0x58) } else { after };
        let table = bytes.get(directory..).ok_or(Unscannable::Malformed)?;
        let (header, listing) = (u32_at(table, 8) as usize, u32_at(table, 16) as usize);
        if !table.starts_with(DIRECTORY) || listing <= LISTING_BYTES {
            return Err(Unscannable::Malformed);
        }
        let listings = table.get(header..after.saturating_sub(directory).min(table.len()));
        let listings = listings.ok_or(Unscannable::Malformed)?;
        let (mut plain, mut packed, mut failed) = (VecDeque::new(), Vec::new(), None);
        for listing in listings.chunks(listing).filter(|listing| listing.starts_with(LISTING)) {
            let free = u32_at(listing, 4) as usize;
            let end = listing.len().saturating_sub(free);
            let mut at = LISTING_BYTES;
            while at < end && plain.len() + packed.len() < FILES_MAX {
                let Some((section, place, next)) = entry(listing, at) else {
                    failed = Some(Unscannable::Malformed);
                    break;
                };
                at = next;
                match section {
                    _ if place.size == 0 => {}
                    0 => plain.push_back(place),
                    _ => packed.push(place),
                }
            }
        }
        if plain.len() + packed.len() >= FILES_MAX {
            failed = Some(Unscannable::TooMany);
        }
        packed.sort_by_key(|place| place.offset);
        let packed = Some(packed).filter(|packed| !packed.is_empty());
        let allowance = Allowance::new(bytes.len());
        Ok(Self { bytes, plain, packed, content, allowance, failed })
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn slice(&self, place: &Place) -> Option<Bytes> {
        let from = usize::try_from(place.offset).ok()?.checked_add(self.content)?;
        let to = usize::try_from(place.size).ok()?.checked_add(from)?;
        (to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }

    /// The next file that stands as it is, or all that were packed.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        if let Some(packed) = self.packed.take() {
            let decoder = self.unpack(limits);
            let inner: Box<dyn Headed> =
                Box::new(Files { files: packed.into(), at: 0, failed: None });
            let member = Member::stream("chm", Vec::new(), Decoder::Stored { left: 0 });
            return Some(Member { decoder, from: Some(0), inner: Some(inner), ..member });
        }
        // What is packed is shown unpacked.
        let place = std::iter::from_fn(|| self.plain.pop_front()).find(|at| at.name != PACKED)?;
        let decoder = self.slice(&place).map(Decoder::Held).ok_or(Unscannable::Malformed);
        if let Ok(Decoder::Held(bytes)) = &decoder
            && !self.allowance.take(bytes.len())
        {
            // Files share bytes over and over.
            self.failed = Some(Unscannable::WorkExceeded);
            self.plain.clear();
            return None;
        }
        let member = Member::stream("chm", place.name, Decoder::Stored { left: 0 });
        Some(Member { decoder, size: Some(place.size), from: Some(0), ..member })
    }

    fn unpack(&self, limits: &Limits) -> Result<Decoder, Unscannable> {
        let find = |name: &[u8]| {
            let place = self.plain.iter().find(|place| place.name == name);
            place.and_then(|place| self.slice(place)).ok_or(Unscannable::Malformed)
        };
        let (packed, control, table) = (find(PACKED)?, find(CONTROL)?, find(TABLE)?);
        if control.get(4..8) != Some(b"LZXC") {
            return Err(Unscannable::Unsupported);
        }
        let unit = if u32_at(&control, 8) >= 2 { FRAME } else { 1 };
        let reset = u64::from(u32_at(&control, 12)) * unit;
        let window = u64::from(u32_at(&control, 16)) * unit;
        let size = u64_at(&table, 16);
        let lzx = LzxFrames::new(window.trailing_zeros(), Some(reset), size, limits)?;
        Ok(Decoder::Other(Box::new(HeldThrough::new(packed, vec![Box::new(lzx)]))))
    }
}

/// The entry at `at` of a listing: section, file, and where the next one is.
fn entry(listing: &[u8], at: usize) -> Option<(u64, Place, usize)> {
    let (len, at) = number(listing, at)?;
    let end = at.checked_add(usize::try_from(len).ok()?)?;
    let name = listing.get(at..end)?.to_vec();
    let (section, at) = number(listing, end)?;
    let (offset, at) = number(listing, at)?;
    let (size, at) = number(listing, at)?;
    Some((section, Place { name, offset, size }, at))
}

/// Files in what was packed together.
struct Files {
    files: VecDeque<Place>,
    at: u64,
    failed: Option<Unscannable>,
}

impl Headed for Files {
    fn read(&mut self, _: &[u8], _: &Limits) -> Head {
        let Some(file) = self.files.front() else { return Head::End(0) };
        if file.offset > self.at {
            let skip = file.offset - self.at;
            self.at = file.offset;
            return Head::Skip { bytes: 0, skip };
        }
        let Some(file) = self.files.pop_front() else { return Head::End(0) };
        if file.offset < self.at {
            // Files that share bytes.
            self.failed = Some(Unscannable::Contradiction);
            return Head::Skip { bytes: 0, skip: 0 };
        }
        self.at += file.size;
        let member = Member::stream("chm", file.name, Decoder::Stored { left: file.size });
        let (member, packed) = (Member { size: Some(file.size), ..member }, Some(file.size));
        Head::Member(Box::new(Entry { bytes: 0, packed, behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        self.files.is_empty()
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}
