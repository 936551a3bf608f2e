//! Files without a signature: MacBinary, and streams: deflate without a wrapper, zlib and LZMA by headers that few
//! writers use. A file of no kind is told to be one when its first bytes decode; those of other files
//! break within a few symbols.

use bytes::BytesMut;
use gateway_inspect::PartKind;

use super::headed::HeadedWalk;
use super::mac_binary::{self, MacBinary};
use super::single::SingleWalk;
use super::{Member, Walker};
use crate::Limits;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::held::Deflated;
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::transform::Transform;
use crate::sniff::Ended;

/// Bytes that have to come out of the first ones, if the file is longer than these.
const UNPACKED_MIN: usize = 64;
/// Bytes that are unpacked to tell.
const UNPACKED_MAX: usize = 32 << 10;
/// Bytes of the header of an LZMA file, and the first of its data, which is zero.
const LZMA_HEADER_BYTES: usize = 14;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    Deflate,
    Lzma,
    /// No stream, but forks behind a header.
    MacBinary,
    Zlib,
}

impl Bare {
    /// What a file of `kind` is that begins with `first`, or is no more than that.
    pub(crate) fn tell(
        kind: PartKind,
        first: &[u8],
        ended: Ended,
        limits: &Limits,
    ) -> Option<Self> {
        let forms: &[Self] = match kind {
            PartKind::Unknown if mac_binary::is_header(first) => return Some(Self::MacBinary),
            PartKind::Unknown => &[Self::Zlib, Self::Lzma, Self::Deflate],
            _ => return None,
        };
        forms.iter().copied().find(|form| form.may_be(first) && form.decodes(first, ended, limits))
    }

    /// The walk through such a file.
    pub(crate) fn walker(self, limits: &Limits) -> Walker {
        let (format, decoder) = match self {
            Self::Deflate => ("deflate", Self::deflate(limits)),
            Self::Lzma => ("lzma", Self::lzma(limits)),
            Self::Zlib => ("zlib", Self::zlib(limits)),
            Self::MacBinary => {
                let walk = HeadedWalk::new(Box::new(MacBinary::default()), 0, limits);
                return Walker::Headed(Box::new(walk));
            }
        };
        let member = Member::stream(format, Vec::new(), Decoder::Other(decoder));
        Walker::Single(SingleWalk::new(member, limits))
    }

    fn deflate(limits: &Limits) -> Box<dyn Transform> {
        Box::new(Deflated::new(limits))
    }

    fn lzma(limits: &Limits) -> Box<dyn Transform> {
        Box::new(LzmaAlone::new(Layout::File, None, limits))
    }

    fn zlib(limits: &Limits) -> Box<dyn Transform> {
        Box::new(Deflated::zlib(limits))
    }

    /// Whether the header makes sense.
    fn may_be(self, first: &[u8]) -> bool {
        match (self, first) {
            // The kind of a block that there is.
            (Self::Deflate, [byte, ..]) => byte & 6 != 6,
            // RFC 1950, section 2.2, without a dictionary.
            (Self::Zlib, [method, flags, ..]) => {
                let check = u16::from_be_bytes([*method, *flags]);
                method & 0x0f == 8 && method >> 4 <= 7 && flags & 0x20 == 0 && check % 31 == 0
            }
            (Self::Lzma, _) => is_lzma(first),
            (Self::Deflate | Self::MacBinary | Self::Zlib, _) => false,
        }
    }

    fn decodes(self, first: &[u8], ended: Ended, limits: &Limits) -> bool {
        let mut decoder = match self {
            Self::Deflate => Self::deflate(limits),
            Self::Lzma => Self::lzma(limits),
            Self::Zlib => Self::zlib(limits),
            Self::MacBinary => return true,
        };
        let (mut out, mut rest) = (BytesMut::new(), first);
        loop {
            let before = (rest.len(), out.len());
            let (used, decoded) = decoder.run(rest, &mut out);
            rest = rest.get(used..).unwrap_or_default();
            match decoded {
                Decoded::End => return ended == Ended::Yes && rest.is_empty() && !out.is_empty(),
                Decoded::More => {}
                Decoded::Foreign { .. } | Decoded::Failed(_) => return false,
            }
            let stuck = before == (rest.len(), out.len());
            if stuck || out.len() >= UNPACKED_MAX || (rest.is_empty() && decoder.is_drained()) {
                break;
            }
        }
        match ended {
            Ended::Yes => rest.is_empty() && decoder.finish(&mut out).is_ok() && !out.is_empty(),
            Ended::No => out.len() >= UNPACKED_MIN,
        }
    }
}

/// The header of an LZMA file: properties, a dictionary of a usual size, a size that may be.
fn is_lzma(first: &[u8]) -> bool {
    let Some(head) = first.first_chunk::<LZMA_HEADER_BYTES>() else { return false };
    let [properties, dictionary @ .., zero] = head;
    let Some((dictionary, size)) = dictionary.split_first_chunk::<4>() else { return false };
    let dictionary = u32::from_le_bytes(*dictionary);
    let size = size.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
    *properties < 9 * 5 * 5
        && dictionary >= 4 << 10
        && (size == u64::MAX || (1..1 << 40).contains(&size))
        && *zero == 0
}
