//! ARJ archives (technote.txt of ARJ 2): stored members and the four ways of packing.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, c_string, u16_at, u32_at};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::lh::{ArjFastest, Lh, Reach};
use crate::coding::stepped::{Sizes, Stepped};

pub(crate) const SIGNATURE: &[u8] = b"\x60\xea";
/// Signature and size of the basic header.
const START_BYTES: usize = 4;
/// What the basic header of an archive has at least, up to its kind.
const FIXED_BYTES: usize = 30;
const KIND_AT: usize = 6;
/// The longest basic header.
const BASIC_BYTES_MAX: usize = 2_600;
/// Bytes that are looked at anew for further extended headers.
const EXTENDED_STEP: usize = 1 << 10;
const GARBLED: u8 = 1;
/// Goes on in, or from, another volume.
const SPLIT: u8 = 4 | 8;
const TYPE_ARCHIVE: u8 = 2;
const TYPE_FOLDER: u8 = 3;

/// Whether `head` begins with the header of an archive, by its checksum; how many bytes that takes, if they are
/// not there.
pub(crate) fn begins(head: &[u8]) -> Result<bool, usize> {
    let Some(kind) = head.get(START_BYTES + KIND_AT) else { return Err(START_BYTES + KIND_AT + 1) };
    let basic = usize::from(u16_at(head, 2));
    let fixed = head.get(START_BYTES).map_or(0, |fixed| usize::from(*fixed));
    let is_likely = head.starts_with(SIGNATURE)
        && *kind == TYPE_ARCHIVE
        && (FIXED_BYTES..=BASIC_BYTES_MAX).contains(&basic)
        && (FIXED_BYTES..=basic).contains(&fixed);
    if !is_likely {
        return Ok(false);
    }
    let end = START_BYTES + basic;
    if head.len() < end + 4 {
        return Err(end + 4);
    }
    Ok(crc32fast::hash(head.get(START_BYTES..end).unwrap_or_default()) == u32_at(head, end))
}

/// The format.
#[derive(Default)]
pub(crate) struct Arj {
    failed: Option<Unscannable>,
}

impl Headed for Arj {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        if head.len() < START_BYTES {
            return Head::Need(START_BYTES);
        }
        let basic = usize::from(u16_at(head, 2));
        if !head.starts_with(SIGNATURE) || basic > BASIC_BYTES_MAX {
            return Head::Broken(Unscannable::Malformed);
        }
        if basic == 0 {
            return Head::End(START_BYTES);
        }
        // Behind it its checksum, and extended headers up to one of no bytes.
        let (mut bytes, mut step) = (START_BYTES + basic + 4, 0);
        loop {
            if head.len() < bytes + 2 {
                return Head::Need(bytes + 2 + step);
            }
            match usize::from(u16_at(head, bytes)) {
                0 => break,
                extended => (bytes, step) = (bytes + 2 + extended + 4, EXTENDED_STEP),
            }
        }
        let header = head.get(START_BYTES..START_BYTES + basic).unwrap_or_default();
        self.entry(header, bytes + 2, limits)
    }

    fn may_end(&self) -> bool {
        false
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}

impl Arj {
    fn entry(&mut self, header: &[u8], bytes: usize, limits: &Limits) -> Head {
        let byte = |at: usize| header.get(at).copied().unwrap_or(0);
        let kind = byte(KIND_AT);
        if kind == TYPE_ARCHIVE {
            return Head::Skip { bytes, skip: 0 };
        }
        let (packed, unpacked) = (u64::from(u32_at(header, 12)), u64::from(u32_at(header, 16)));
        if kind == TYPE_FOLDER {
            return Head::Skip { bytes, skip: packed };
        }
        let name = c_string(header.get(usize::from(byte(0))..).unwrap_or_default()).to_vec();
        let (flags, method) = (byte(4), byte(5));
        if flags & SPLIT != 0 {
            self.failed = Some(Unscannable::Unsupported);
        }
        let sizes = Sizes { packed: Some(packed), unpacked };
        let encrypted = flags & GARBLED != 0;
        let decoder = match method {
            _ if encrypted => Err(Unscannable::Encrypted),
            0 => Ok(Decoder::Stored { left: packed }),
            1..=3 => Ok(Decoder::Other(Box::new(Stepped::new(Lh::new(Reach::Arj), sizes, limits)))),
            4 => Ok(Decoder::Other(Box::new(Stepped::new(ArjFastest, sizes, limits)))),
            _ => Err(Unscannable::Unsupported),
        };
        let member = Member {
            size: Some(unpacked),
            packed_size: Some(packed),
            encrypted,
            decoder,
            ..Member::stream("arj", name, Decoder::Stored { left: 0 })
        };
        let crc = Some(u32_at(header, 20));
        Head::Member(Box::new(Entry { bytes, packed: Some(packed), behind: 0, crc, member }))
    }
}
