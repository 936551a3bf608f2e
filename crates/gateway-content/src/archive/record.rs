//! The records of the ZIP format (APPNOTE.TXT 6.3.10), read from complete bytes.

use super::seek::SIGNATURE_BYTES;

pub(super) const LOCAL: [u8; 2] = [3, 4];
pub(super) const DESCRIPTOR: [u8; 2] = [7, 8];
pub(super) const CENTRAL: [u8; 2] = [1, 2];
pub(super) const END: [u8; 2] = [5, 6];
const DIGITAL_SIGNATURE: [u8; 2] = [5, 5];
const END_64: [u8; 2] = [6, 6];
const LOCATOR_64: [u8; 2] = [6, 7];

/// Every signature by which a walk finds its way again.
pub(super) const ANY: &[[u8; 2]] = &[LOCAL, CENTRAL, END, END_64];
/// Those by which an archive is found in a file of another kind.
pub(super) const FIRST: &[[u8; 2]] = &[LOCAL, END];

/// Bytes of a local header and of an end record before what varies.
pub(super) const LOCAL_BYTES: usize = 30;
pub(super) const END_BYTES: usize = 22;

pub(super) const STORED: u16 = 0;
pub(super) const SHRINK: u16 = 1;
/// The lowest and the highest factor of reducing.
pub(super) const REDUCE: u16 = 2;
pub(super) const REDUCE_MOST: u16 = 5;
pub(super) const DEFLATED: u16 = 8;
pub(super) const DEFLATE64: u16 = 9;
pub(super) const IMPLODE: u16 = 6;
pub(super) const BZIP2: u16 = 12;
pub(super) const LZMA: u16 = 14;
pub(super) const ZSTD: u16 = 93;
pub(super) const XZ: u16 = 95;
pub(super) const PPMD: u16 = 98;

/// The member is encrypted.
pub(super) const FLAG_ENCRYPTED: u16 = 1 << 0;
/// LZMA data end with a mark.
pub(super) const FLAG_LZMA_END: u16 = 1 << 1;
/// Its sizes and CRC follow its data.
pub(super) const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// It is strongly encrypted, or its header is masked: the directory is encrypted.
const FLAGS_MORE_ENCRYPTED: u16 = 1 << 6 | 1 << 13;
/// What two headers of a member must agree on.
pub(super) const FLAGS_COMPARED: u16 = FLAG_ENCRYPTED | FLAGS_MORE_ENCRYPTED;

/// A 16- or 32-bit field whose value stands in the ZIP64 extra field.
const ELSEWHERE_16: u64 = 0xffff;
const ELSEWHERE_32: u64 = 0xffff_ffff;
const ZIP64_EXTRA: u16 = 1;

/// Largest ZIP64 end record that is read; real ones have 56 bytes.
const END_64_BYTES_MAX: u64 = 4 << 10;

/// How many bytes the record has that begins with the bytes at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// At least as many: ask again with them.
    AtLeast(usize),
    /// Exactly as many.
    Exactly(usize),
    /// This begins no record.
    NoRecord,
}

/// Tells how long the record is.
pub(super) fn length(head: &[u8]) -> Length {
    let Some([b'P', b'K', kind @ ..]) = head.first_chunk::<SIGNATURE_BYTES>() else {
        return if head.len() < SIGNATURE_BYTES {
            Length::AtLeast(SIGNATURE_BYTES)
        } else {
            Length::NoRecord
        };
    };
    let (fixed, variable): (usize, &[usize]) = match *kind {
        LOCAL => (LOCAL_BYTES, &[26, 28]),
        CENTRAL => (46, &[28, 30, 32]),
        END => (END_BYTES, &[]),
        LOCATOR_64 => (20, &[]),
        DIGITAL_SIGNATURE => (6, &[4]),
        END_64 => return length_64(head),
        _ => return Length::NoRecord,
    };
    if head.len() < fixed {
        return Length::AtLeast(fixed);
    }
    Length::Exactly(fixed + variable.iter().map(|at| usize::from(u16_at(head, *at))).sum::<usize>())
}

/// The ZIP64 end record tells its own length behind its signature.
fn length_64(head: &[u8]) -> Length {
    if head.len() < 12 {
        return Length::AtLeast(12);
    }
    match u64_at(head, 4) {
        size @ 44..=END_64_BYTES_MAX => Length::Exactly(12 + size as usize),
        _ => Length::NoRecord,
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Local(Header),
    Central { header: Header, offset: u64 },
    End(End),
    End64(End),
    Locator64,
    DigitalSignature,
}

/// What local and central header both say about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    pub(super) name: Vec<u8>,
}

/// What an end record says about the directory; `None` where the ZIP64 one says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) entries: Option<u64>,
    pub(super) bytes: Option<u64>,
    pub(super) offset: Option<u64>,
    /// Whether it is spread over several files.
    pub(super) is_split: bool,
}

/// Whether `fixed`, found at `at` in a file of another kind, may begin an archive; `None` while it
/// is too short to tell. A local header must make sense; programs that read archives compare with its
/// signature, and their code does not. An archive that is passed over for that is missed by its end
/// record.
pub(super) fn may_begin(fixed: &[u8], at: u64) -> Option<bool> {
    let [_, _, kind @ ..] = fixed.first_chunk::<SIGNATURE_BYTES>()?;
    match *kind {
        LOCAL if fixed.len() < LOCAL_BYTES => None,
        END if fixed.len() < END_BYTES => None,
        LOCAL => Some(is_plausible_local(fixed)),
        END => Some(read_end(fixed).is_plausible(at)),
        _ => Some(false),
    }
}

/// Whether the fields of a local header have values that were ever given out (APPNOTE.TXT 6.3.10, section
/// 4.4.2 to 4.4.5): version and system, flags, method; and whether it has a name.
fn is_plausible_local(fixed: &[u8]) -> bool {
    const FLAGS_UNUSED: u16 = 0xD780;
    let [version, system] = u16_at(fixed, 4).to_le_bytes();
    let is_known = version <= 63 && system <= 20 && u16_at(fixed, 6) & FLAGS_UNUSED == 0;
    is_known && u16_at(fixed, 26) > 0 && matches!(u16_at(fixed, 8), 0..=20 | 93..=99)
}

impl End {
    /// Whether this may be an end record, found at `at` in a file of another kind: it tells of
    /// a directory that has members and room for them before it.
    fn is_plausible(&self, at: u64) -> bool {
        let Self { entries: Some(entries), bytes: Some(bytes), offset: Some(offset), .. } = *self
        else {
            return false;
        };
        let fits = bytes >= entries.saturating_mul(46) && offset.saturating_add(bytes) <= at;
        !self.is_split && entries > 0 && fits
    }
}

impl Header {
    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & FLAGS_COMPARED != 0
    }

    pub(super) const fn has_descriptor(&self) -> bool {
        self.flags & FLAG_DESCRIPTOR != 0
    }
}

/// Reads the record in `bytes`, which are as many as [`length`] tells.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let kind = match bytes.first_chunk::<SIGNATURE_BYTES>() {
        Some([b'P', b'K', a, b]) => [*a, *b],
        _ => return None,
    };
    match kind {
        LOCAL => Some(Record::Local(read_local(bytes))),
        CENTRAL => Some(read_central(bytes)),
        END => Some(Record::End(read_end(bytes))),
        END_64 => Some(Record::End64(End {
            entries: Some(u64_at(bytes, 32)),
            bytes: Some(u64_at(bytes, 40)),
            offset: Some(u64_at(bytes, 48)),
            is_split: u32_at(bytes, 16) != 0
                || u32_at(bytes, 20) != 0
                || u64_at(bytes, 24) != u64_at(bytes, 32),
        })),
        LOCATOR_64 => Some(Record::Locator64),
        DIGITAL_SIGNATURE => Some(Record::DigitalSignature),
        _ => None,
    }
}

fn read_local(bytes: &[u8]) -> Header {
    let name_end = 30 + usize::from(u16_at(bytes, 26));
    let mut wide = Wide::find(bytes.get(name_end..).unwrap_or_default());
    let unpacked = wide.widen(u32_at(bytes, 22).into());
    let packed = wide.widen(u32_at(bytes, 18).into());
    Header {
        flags: u16_at(bytes, 6),
        method: u16_at(bytes, 8),
        crc: u32_at(bytes, 14),
        packed,
        unpacked,
        name: bytes.get(30..name_end).unwrap_or_default().to_vec(),
    }
}

fn read_central(bytes: &[u8]) -> Record {
    let name_end = 46 + usize::from(u16_at(bytes, 28));
    let extra_end = name_end + usize::from(u16_at(bytes, 30));
    let mut wide = Wide::find(bytes.get(name_end..extra_end).unwrap_or_default());
    let unpacked = wide.widen(u32_at(bytes, 24).into());
    let packed = wide.widen(u32_at(bytes, 20).into());
    let offset = wide.widen(u32_at(bytes, 42).into());
    let header = Header {
        flags: u16_at(bytes, 8),
        method: u16_at(bytes, 10),
        crc: u32_at(bytes, 16),
        packed,
        unpacked,
        name: bytes.get(46..name_end).unwrap_or_default().to_vec(),
    };
    Record::Central { header, offset }
}

fn read_end(bytes: &[u8]) -> End {
    let here = |value: u64, elsewhere: u64| (value != elsewhere).then_some(value);
    let (disk, directory_disk) = (u16_at(bytes, 4), u16_at(bytes, 6));
    let (entries_here, entries) = (u16_at(bytes, 8), u16_at(bytes, 10));
    let is_first = |disk: u16| disk == 0 || u64::from(disk) == ELSEWHERE_16;
    End {
        entries: here(entries.into(), ELSEWHERE_16),
        bytes: here(u32_at(bytes, 12).into(), ELSEWHERE_32),
        offset: here(u32_at(bytes, 16).into(), ELSEWHERE_32),
        is_split: !is_first(disk) || !is_first(directory_disk) || entries_here != entries,
    }
}

/// The ZIP64 extra field: 64-bit values for those fields that say to look there, in order.
struct Wide<'a>(&'a [u8]);

impl<'a> Wide<'a> {
    fn find(mut extra: &'a [u8]) -> Self {
        while let Some((head, rest)) = extra.split_first_chunk::<4>() {
            let len = usize::from(u16_at(head, 2));
            let body = rest.get(..len).unwrap_or(rest);
            if u16_at(head, 0) == ZIP64_EXTRA {
                return Self(body);
            }
            extra = rest.get(len..).unwrap_or_default();
        }
        Self(&[])
    }

    fn widen(&mut self, narrow: u64) -> u64 {
        if narrow != ELSEWHERE_32 {
            return narrow;
        }
        match self.0.split_first_chunk::<8>() {
            Some((value, rest)) => {
                self.0 = rest;
                u64::from_le_bytes(*value)
            }
            None => narrow,
        }
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u64::from_le_bytes(*b))
}
