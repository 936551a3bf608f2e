//! Images of Windows (WIM, as Microsoft describes it): files by their digests, in a table that comes
//! last. Those that are not packed are opened, and those packed by XPRESS or LZX; what is packed by
//! LZMS, or together with others, is `Unsupported`.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::u32_at;
use crate::Limits;
use crate::allowance::Allowance;
use crate::coding::chunked::{Chunked, Packing};
use crate::coding::decoder::Decoder;

const HEADER_BYTES: usize = 208;
/// Where the header says where the table is.
const TABLE_AT: usize = 48;
const ENTRY_BYTES: usize = 50;
/// Files, at the most; the rest: `TooMany`.
const FILES_MAX: usize = 100_000;
/// It is packed, goes on in another volume, or is packed together with others.
const PACKED: u8 = 4;
const SPANNED: u8 = 8;
const SOLID: u8 = 16;
/// Where the header says how files are packed, and in chunks of which size.
const FLAGS_AT: usize = 16;
const CHUNK_AT: usize = 20;
const FLAG_XPRESS: u32 = 0x2_0000;
const FLAG_LZX: u32 = 0x4_0000;
/// Images that do not say a size have this one.
const CHUNK: u32 = 32 << 10;

/// An image of which all is there.
pub(crate) struct Wim {
    bytes: Bytes,
    packing: Option<Packing>,
    chunk: u32,
    files: VecDeque<Resource>,
    allowance: Allowance,
    failed: Option<Unscannable>,
}

/// Where the bytes of a file are.
#[derive(Clone, Copy, Debug)]
struct Resource {
    from: u64,
    packed: u64,
    unpacked: u64,
    flags: u8,
}

impl Resource {
    fn read(bytes: &[u8], at: usize) -> Self {
        let number =
            |at: usize| u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32;
        let packed = number(at);
        Self {
            from: number(at + 8),
            packed: packed & 0x00ff_ffff_ffff_ffff,
            unpacked: number(at + 16),
            // The highest byte of eight.
            flags: (packed >> 56) as u8,
        }
    }

    fn slice(&self, bytes: &Bytes) -> Option<Bytes> {
        let from = usize::try_from(self.from).ok()?;
        let to = from.checked_add(usize::try_from(self.packed).ok()?)?;
        (to <= bytes.len()).then(|| bytes.slice(from..to))
    }
}

impl Wim {
    /// Reads the table.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, Unscannable> {
        if bytes.len() < HEADER_BYTES {
            return Err(Unscannable::Malformed);
        }
        let table = Resource::read(&bytes, TABLE_AT);
        if table.flags & PACKED != 0 {
            return Err(Unscannable::Unsupported);
        }
        let table = table.slice(&bytes).ok_or(Unscannable::Malformed)?;
        let entries = table.chunks_exact(ENTRY_BYTES);
        let failed = (entries.len() > FILES_MAX).then_some(Unscannable::TooMany);
        let files = entries.take(FILES_MAX).map(|entry| Resource::read(entry, 0)).collect();
        let flags = u32_at(&bytes, FLAGS_AT);
        let packing = match flags {
            _ if flags & FLAG_XPRESS != 0 => Some(Packing::Xpress),
            _ if flags & FLAG_LZX != 0 => Some(Packing::Lzx),
            _ => None,
        };
        let chunk = Some(u32_at(&bytes, CHUNK_AT)).filter(|chunk| *chunk > 0).unwrap_or(CHUNK);
        let allowance = Allowance::new(bytes.len());
        Ok(Self { files, allowance, failed, bytes, packing, chunk })
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next file, named by where it begins.
    pub(crate) fn next_member(&mut self, limits: &Limits) -> Option<Member> {
        let file = self.files.pop_front()?;
        let slice = file.slice(&self.bytes);
        if slice.as_ref().is_some_and(|slice| !self.allowance.take(slice.len())) {
            // Files share bytes over and over.
            self.failed = Some(Unscannable::WorkExceeded);
            self.files.clear();
            return None;
        }
        let decoder = match (slice, self.packing) {
            _ if file.flags & (SPANNED | SOLID) != 0 => Err(Unscannable::Unsupported),
            (None, _) => Err(Unscannable::Malformed),
            (Some(bytes), _) if file.flags & PACKED == 0 => Ok(Decoder::Held(bytes)),
            (Some(_), None) => Err(Unscannable::Unsupported),
            (Some(bytes), Some(packing)) => {
                Chunked::new(packing, self.chunk, bytes, file.unpacked, limits)
                    .map(|chunked| Decoder::Other(Box::new(chunked)))
            }
        };
        let name = file.from.to_string().into_bytes();
        let member = Member::stream("wim", name, Decoder::Stored { left: 0 });
        let (size, packed_size) = (Some(file.unpacked), Some(file.packed));
        Some(Member { decoder, size, packed_size, from: Some(0), ..member })
    }
}
