//! What an installer of NSIS brings, behind its program: blocks that are each packed by LZMA or
//! deflate, or all of them together. Its own form of bzip2 is `Unsupported`.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u32_at};
use crate::Limits;
use crate::coding::bounded::Bounded;
use crate::coding::decoder::Decoder;
use crate::coding::inflate::{Inflate, Wrapper};
use crate::coding::lzma_alone::{Layout, LzmaAlone};

/// What begins it, behind four bytes of flags.
pub(crate) const SIGNATURE: &[u8] = b"\xef\xbe\xad\xdeNullsoftInst";
/// Signature, length of the first block when it is unpacked, length of all there is.
const START_BYTES: usize = SIGNATURE.len() + 8;
/// Bytes before the signature that the second length counts as well.
pub(crate) const FLAGS_BYTES: u64 = 4;
/// The program looks for it at multiples of so many bytes of itself, those before the signature first. Other
/// programs that know of the signature have it elsewhere.
pub(crate) const STEP: u64 = 512;
/// Bytes of a block by which the packer is told.
const PROBE_BYTES: usize = 8;
const PACKED: u32 = 1 << 31;

/// The format.
#[derive(Default)]
pub(crate) struct Nsis {
    is_begun: bool,
    count: u32,
    /// Bytes of blocks that are left.
    left: u64,
}

/// How blocks are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packer {
    Bzip2,
    Deflate,
    Lzma,
}

impl Packer {
    fn of(data: &[u8]) -> Self {
        match data {
            [0x5d, 0, 0, ..] => Self::Lzma,
            [b'1', second, ..] if *second < 14 => Self::Bzip2,
            _ => Self::Deflate,
        }
    }

    /// A decoder of data that end with a mark, or of so many.
    fn decoder(self, packed: u64, limits: &Limits) -> Result<Decoder, Unscannable> {
        match self {
            Self::Bzip2 => Err(Unscannable::Unsupported),
            Self::Deflate => {
                let inflate = Inflate::new(Wrapper::Raw, limits);
                Ok(Decoder::Member { inflate, left: Some(packed) })
            }
            Self::Lzma => {
                let lzma = LzmaAlone::new(Layout::Bare, None, limits);
                Ok(Decoder::Other(Box::new(Bounded::new(lzma, Some(packed)))))
            }
        }
    }
}

impl Headed for Nsis {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        if !self.is_begun {
            return self.begin(head, limits);
        }
        // A checksum may follow.
        if self.left < 4 {
            return Head::End(0);
        }
        if head.len() < 4 {
            return Head::Need(4);
        }
        let (len, is_packed) = (u32_at(head, 0) & !PACKED, u32_at(head, 0) & PACKED != 0);
        let len = u64::from(len);
        if self.left == 4 && len > 0 {
            return Head::End(4);
        }
        let want = 4 + PROBE_BYTES.min(usize::try_from(len).unwrap_or(usize::MAX));
        if is_packed && head.len() < want {
            return Head::Need(want);
        }
        let Some(left) = self.left.checked_sub(4 + len) else {
            return Head::Broken(Unscannable::Malformed);
        };
        self.left = left;
        let decoder = if is_packed {
            Packer::of(head.get(4..).unwrap_or_default()).decoder(len, limits)
        } else {
            Ok(Decoder::Stored { left: len })
        };
        self.member(4, len, decoder)
    }

    fn may_end(&self) -> bool {
        self.is_begun && self.left <= 4
    }
}

impl Nsis {
    fn begin(&mut self, head: &[u8], limits: &Limits) -> Head {
        if head.len() < START_BYTES + PROBE_BYTES {
            return Head::Need(START_BYTES + PROBE_BYTES);
        }
        let all = u64::from(u32_at(head, SIGNATURE.len() + 4));
        let Some(left) = all.checked_sub(START_BYTES as u64 + FLAGS_BYTES) else {
            return Head::Broken(Unscannable::Malformed);
        };
        self.is_begun = true;
        let data = head.get(START_BYTES..).unwrap_or_default();
        let len = u64::from(u32_at(data, 0) & !PACKED);
        let is_flagged = u32_at(data, 0) & PACKED != 0 && len > 0 && len + 4 <= left;
        let is_apart = is_flagged || matches!(data, [_, _, _, _, 0x5d, 0, 0, ..]);
        if is_apart && !matches!(data, [0x5d, 0, 0, _, 0, ..]) {
            self.left = left;
            return Head::Skip { bytes: START_BYTES, skip: 0 };
        }
        let mut head = self.member(START_BYTES, left, Packer::of(data).decoder(left, limits));
        if let Head::Member(entry) = &mut head {
            entry.member.inner = Some(Box::new(Solid::default()));
        }
        head
    }

    fn member(&mut self, bytes: usize, packed: u64, decoder: Result<Decoder, Unscannable>) -> Head {
        let name = self.count.to_string().into_bytes();
        self.count += 1;
        let member = Member::stream("nsis", name, Decoder::Stored { left: 0 });
        let member = Member { packed_size: Some(packed), decoder, ..member };
        Head::Member(Box::new(Entry { bytes, packed: Some(packed), behind: 0, crc: None, member }))
    }
}

/// Blocks that were packed together, each behind its length.
#[derive(Default)]
struct Solid {
    count: u32,
}

impl Headed for Solid {
    fn read(&mut self, head: &[u8], _: &Limits) -> Head {
        if head.len() < 4 {
            return Head::Need(4);
        }
        let len = u64::from(u32_at(head, 0));
        let name = self.count.to_string().into_bytes();
        self.count += 1;
        let member = Member::stream("nsis", name, Decoder::Stored { left: len });
        let member = Member { size: Some(len), ..member };
        Head::Member(Box::new(Entry { bytes: 4, packed: Some(len), behind: 0, crc: None, member }))
    }

    fn may_end(&self) -> bool {
        true
    }
}
