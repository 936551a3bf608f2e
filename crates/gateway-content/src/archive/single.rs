//! A file that is one compressed stream: bzip2, `compress`, LZ4, lzip, LZMA, xz, zlib, Zstandard. Its only member is
//! all that the stream unpacks to.

use gateway_inspect::PartKind;

use super::binary::BinaryWalk;
use super::{Member, Walked};
use crate::Limits;
use crate::coding::bzip2::Bzip2;
use crate::coding::compress::Compress;
use crate::coding::decoder::Decoder;
use crate::coding::held::Deflated;
use crate::coding::lz4::Lz4;
use crate::coding::lzip::Lzip;
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::xz::Xz;
use crate::coding::zstd::Zstd;
use crate::text::binhex;

/// The member of a file of `kind`, which begins with the first byte; none if it has no such form.
pub(crate) fn member(kind: PartKind, limits: &Limits) -> Option<Member> {
    let (format, decoder) = match kind {
        PartKind::BinHex => return Some(binhex::member(limits)),
        PartKind::Bzip2 => ("bz2", Decoder::Other(Box::new(Bzip2::new(limits)))),
        PartKind::Compress => ("z", Decoder::Other(Box::new(Compress::new(limits)))),
        PartKind::Lz4 => ("lz4", Decoder::Other(Box::new(Lz4::new(limits)))),
        PartKind::Lzip => ("lz", Decoder::Other(Box::new(Lzip::new(limits)))),
        PartKind::Lzma => {
            ("lzma", Decoder::Other(Box::new(LzmaAlone::new(Layout::File, None, limits))))
        }
        PartKind::Xz => ("xz", Decoder::Other(Box::new(Xz::new(limits)))),
        PartKind::Zlib => ("zlib", Decoder::Other(Box::new(Deflated::zlib(limits)))),
        PartKind::Zstd => ("zst", Decoder::ZstdCoding(Zstd::new(limits))),
        _ => return None,
    };
    Some(Member::stream(format, Vec::new(), decoder))
}

/// The walk: the member first, then whatever is behind it.
pub(crate) struct SingleWalk {
    member: Option<Box<Member>>,
    limits: Limits,
}

impl SingleWalk {
    pub(crate) fn new(member: Member, limits: &Limits) -> Self {
        Self { member: Some(Box::new(member)), limits: limits.clone() }
    }

    /// The member is over; what follows may hold anything like any file.
    pub(super) fn member_ended(&self) -> Box<BinaryWalk> {
        Box::new(BinaryWalk::following(&self.limits))
    }

    pub(super) fn walk(&mut self) -> Walked {
        self.member.take().map_or(Walked::On, Walked::Member)
    }
}
