//! Images of Apple's (UDIF): sectors of disks in chunks, by tables behind them, and where these are by the last bytes.
//! What is packed by LZFSE is `Unsupported`.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memmem;

use super::Member;
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::chunks::{Chunk, Chunks, Packing};
use crate::coding::decoder::Decoder;
use crate::text::base64::Base64Body;

/// Bytes that are last in an image, and what they begin with: a signature, a version, and their number.
pub(crate) const TRAILER_BYTES: usize = 512;
const SIGNATURE: &[u8] = b"koly\0\0\0\x04\0\0\x02\0";
/// What a table begins with, in bytes, and its entries.
const TABLE: &[u8] = b"mish";
const TABLE_BYTES: usize = 204;
const ENTRY_BYTES: usize = 40;
const SECTOR: u64 = 512;
/// Tables, and chunks of all of them, at the most; the rest: `TooMany`.
const TABLES_MAX: usize = 1_000;
const CHUNKS_MAX: usize = 200_000;
/// What each chunk takes, beside its bytes: one of zeros, and one that has a decoder of its own.
const ZEROS_COST: usize = 64;
const CHUNK_COST: usize = 4 << 10;
/// Types of entries that tell no chunk.
const COMMENT: u32 = 0x7fff_fffe;
const LAST: u32 = u32::MAX;

/// Whether these are the last bytes of an image.
pub(crate) fn is_trailer(last: &[u8]) -> bool {
    last.len() == TRAILER_BYTES && last.starts_with(SIGNATURE)
}

/// An image of which all is there.
pub(crate) struct Dmg {
    bytes: Bytes,
    /// Where the packed bytes begin.
    data: u64,
    tables: VecDeque<(Vec<u8>, Vec<u8>)>,
    chunks: usize,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

fn be(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b))
}

fn be_64(bytes: &[u8], at: usize) -> u64 {
    u64::from(be(bytes, at)) << 32 | u64::from(be(bytes, at + 4))
}

/// The bytes at `from`, `len` of them.
fn range(bytes: &[u8], from: u64, len: u64) -> Option<&[u8]> {
    let from = usize::try_from(from).ok()?;
    bytes.get(from..from.checked_add(usize::try_from(len).ok()?)?)
}

impl Dmg {
    /// Reads where the tables are.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Unscannable> {
        let at = bytes.len().checked_sub(TRAILER_BYTES).ok_or(Unscannable::Malformed)?;
        let trailer = bytes.get(at..).unwrap_or_default();
        let [data, resources, resource_bytes, list, list_bytes] =
            [24, 40, 48, 216, 224].map(|at| be_64(trailer, at));
        let list = range(&bytes, list, list_bytes).ok_or(Unscannable::Malformed)?;
        let resources = range(&bytes, resources, resource_bytes).ok_or(Unscannable::Malformed)?;
        let mut tables = from_list(list);
        tables.extend(from_resources(resources));
        let allowance = Allowance::new(bytes.len());
        let failed = match tables.len() {
            0 => return Err(Unscannable::Malformed),
            count if count > TABLES_MAX => Some(Unscannable::TooMany),
            // It goes on in other files.
            _ if be(trailer, 60) > 1 => Some(Unscannable::Unsupported),
            _ => None,
        };
        tables.truncate(TABLES_MAX);
        Ok(Self { tables: tables.into(), chunks: 0, data, allowance, failed, bytes })
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn fail(&mut self, reason: Unscannable) {
        self.failed = Some(self.failed.map_or(reason, |old| old.min(reason)));
    }

    /// The next disk or partition.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        let (name, table) = self.tables.pop_front()?;
        let decoder = match self.chunks(&table) {
            Ok(chunks) => Ok(Decoder::Other(Box::new(Chunks::new(chunks, limits)))),
            Err(reason @ (Unscannable::WorkExceeded | Unscannable::TooMany)) => {
                self.fail(reason);
                self.tables.clear();
                return None;
            }
            Err(reason) => Err(reason),
        };
        let member = Member::stream("dmg", name, Decoder::Stored { left: 0 });
        let size = be_64(&table, 16).checked_mul(SECTOR);
        Some(Member { decoder, size, ..member })
    }

    /// The chunks of a table, with zeros where there are none.
    fn chunks(&mut self, table: &[u8]) -> Result<VecDeque<Chunk>, Unscannable> {
        let zeros = |sectors: u64| {
            let size = sectors.checked_mul(SECTOR).ok_or(Unscannable::Malformed)?;
            Ok(Chunk { packing: Packing::Zeros, packed: Bytes::new(), size })
        };
        let data = self.data.saturating_add(be_64(table, 24));
        let entries = table.get(TABLE_BYTES..).unwrap_or_default().chunks_exact(ENTRY_BYTES);
        if (entries.len() as u64) < u64::from(be(table, TABLE_BYTES - 4)) {
            return Err(Unscannable::Malformed);
        }
        let (mut chunks, mut at) = (VecDeque::new(), 0u64);
        for entry in entries.take(be(table, TABLE_BYTES - 4) as usize) {
            let [start, sectors, from, len] = [8, 16, 24, 32].map(|at| be_64(entry, at));
            let packing = match be(entry, 0) {
                0 | 2 => Packing::Zeros,
                1 => Packing::Stored,
                0x8000_0004 => Packing::Adc,
                0x8000_0005 => Packing::Zlib,
                0x8000_0006 => Packing::Bzip2,
                0x8000_0008 => Packing::Xz,
                COMMENT => continue,
                LAST => break,
                _ => Packing::Unsupported,
            };
            // Chunks follow each other as sectors do.
            let gap = start.checked_sub(at).ok_or(Unscannable::Contradiction)?;
            if gap > 0 {
                chunks.push_back(zeros(gap)?);
            }
            let mut chunk = Chunk { packing, ..zeros(sectors)? };
            let is_packed = packing != Packing::Zeros;
            if is_packed {
                let from = data.saturating_add(from);
                let packed = range(&self.bytes, from, len).ok_or(Unscannable::Malformed)?;
                chunk.packed = self.bytes.slice_ref(packed);
            }
            self.chunks += 1;
            if self.chunks > CHUNKS_MAX {
                return Err(Unscannable::TooMany);
            }
            // Chunks may share bytes, but not over and over.
            let cost = if is_packed { CHUNK_COST } else { ZEROS_COST };
            if !self.allowance.take(chunk.packed.len().saturating_add(cost)) {
                return Err(Unscannable::WorkExceeded);
            }
            at = start.checked_add(sectors).ok_or(Unscannable::Malformed)?;
            chunks.push_back(chunk);
        }
        Ok(chunks)
    }
}

/// The tables, each with its name, in a list of properties: whatever key they are under.
fn from_list(list: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut tables = Vec::new();
    let mut starts = memmem::find_iter(list, b"<data").peekable();
    let mut names = memmem::find_iter(list, b">Name</key>").peekable();
    while let Some(start) = starts.next() {
        let next = starts.peek().copied().unwrap_or(list.len());
        let text = list.get(start..next).unwrap_or_default();
        let text = memchr::memchr(b'>', text).and_then(|at| text.get(at + 1..)).unwrap_or_default();
        let end = memchr::memchr(b'<', text).unwrap_or(text.len());
        let mut table = BytesMut::new();
        Base64Body::default().decode(text.get(..end).unwrap_or_default(), &mut table);
        while names.next_if(|name| *name < start).is_some() {}
        if !table.starts_with(TABLE) {
            continue;
        }
        let name = names.peek().filter(|name| **name < next).and_then(|at| {
            let rest = list.get(*at..next)?;
            const STRING: &[u8] = b"<string>";
            let rest = rest.get(memmem::find(rest, STRING)? + STRING.len()..)?;
            rest.split(|byte| *byte == b'<').next()
        });
        let name = name.map_or_else(|| tables.len().to_string().into_bytes(), <[u8]>::to_vec);
        tables.push((name, table.to_vec()));
    }
    tables
}

/// The same in resources as Macintoshes have them: each behind its length.
fn from_resources(fork: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut tables = Vec::new();
    let mut left = range(fork, be(fork, 0).into(), be(fork, 8).into()).unwrap_or_default();
    while let Some((len, rest)) = left.split_at_checked(4) {
        let len = (be(len, 0) as usize).min(rest.len());
        let (resource, rest) = rest.split_at(len);
        left = rest;
        if resource.starts_with(TABLE) {
            tables.push((tables.len().to_string().into_bytes(), resource.to_vec()));
        }
    }
    tables
}
