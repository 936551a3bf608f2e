//! Images of Windows (WIM, as Microsoft describes it): files by their digests, in a table that comes
//! last. Those that are not packed are opened; the others are `Unsupported`.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::Member;
use super::headed::u32_at;
use crate::coding::decoder::Decoder;

const HEADER_BYTES: usize = 208;
/// Where the header says where the table is.
const TABLE_AT: usize = 48;
const ENTRY_BYTES: usize = 50;
/// Files, at the most; the rest: `TooMany`.
const FILES_MAX: usize = 100_000;
/// It is packed, or goes on in another volume.
const PACKED: u8 = 4;
const SPANNED: u8 = 8;

/// An image of which all is there.
pub(crate) struct Wim {
    bytes: Bytes,
    files: VecDeque<Resource>,
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
        Ok(Self { files, failed, bytes })
    }

    pub(crate) fn failed(&self) -> Option<Unscannable> {
        self.failed
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next file, named by where it begins.
    pub(crate) fn next_member(&mut self) -> Option<Member> {
        let file = self.files.pop_front()?;
        let decoder = match file.slice(&self.bytes) {
            _ if file.flags & (PACKED | SPANNED) != 0 => Err(Unscannable::Unsupported),
            Some(bytes) => Ok(Decoder::Held(bytes)),
            None => Err(Unscannable::Malformed),
        };
        let name = file.from.to_string().into_bytes();
        let member = Member::stream("wim", name, Decoder::Stored { left: 0 });
        let (size, packed_size) = (Some(file.unpacked), Some(file.packed));
        Some(Member { decoder, size, packed_size, from: Some(0), ..member })
    }
}
