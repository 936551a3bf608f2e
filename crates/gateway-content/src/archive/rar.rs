//! RAR archives of both forms (technote.txt of RAR 4 and 5): members stored, or packed by the methods of
//! 2.0, 2.9 and 5.0. Of solid archives a member goes on from the one before, if that came to its end; else it is
//! `Unsupported`, and so is what is packed by the methods of 1.5 and 7.0.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u16_at, u32_at};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::rar_filter::Unfiltered;
use crate::coding::rar3::{Rar3, Version};
use crate::coding::rar5::Rar5;
use crate::coding::remains::Remains;
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::transform::Transform;

const MARK_4: &[u8] = b"Rar!\x1a\x07\0";
const MARK_5: &[u8] = b"Rar!\x1a\x07\x01\0";
/// Bytes of a block's header in the older form: checksum, type, flags, size.
const BLOCK_BYTES: usize = 7;
const STORED: u8 = 0x30;
/// Flags of the whole archive: members go on from those before them.
const SOLID_4: u16 = 8;
const SOLID_5: u64 = 4;

/// Which form it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Four,
    Five,
}

/// The format.
#[derive(Default)]
pub(crate) struct Rar {
    form: Option<Form>,
    failed: Option<Unscannable>,
    /// Whether members may go on from those before, and what the last that was packed left.
    is_solid: bool,
    remains: Option<Remains>,
}

/// How a member is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Stored,
    Three { version: Version, window: usize, goes_on: bool },
    Five { dictionary: u64, goes_on: bool },
    Other,
}

/// What the header of a member says.
struct Header {
    bytes: usize,
    packed: u64,
    unpacked: u64,
    crc: Option<u32>,
    packing: Packing,
    is_encrypted: bool,
    is_split: bool,
    name: Vec<u8>,
}

impl Headed for Rar {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        match self.form {
            None if head.len() < MARK_5.len() => Head::Need(MARK_5.len()),
            None if head.starts_with(MARK_4) => {
                self.form = Some(Form::Four);
                Head::Skip { bytes: MARK_4.len(), skip: 0 }
            }
            None if head.starts_with(MARK_5) => {
                self.form = Some(Form::Five);
                Head::Skip { bytes: MARK_5.len(), skip: 0 }
            }
            None => Head::Broken(Unscannable::Malformed),
            Some(Form::Four) => self.block_4(head, limits),
            Some(Form::Five) => self.block_5(head, limits),
        }
    }

    fn may_end(&self) -> bool {
        self.form.is_some()
    }

    fn keep(&mut self, remains: Remains) {
        self.remains = Some(remains).filter(|_| self.is_solid);
    }

    fn kept(&self) -> usize {
        self.remains.as_ref().map_or(0, Remains::memory_max)
    }

    fn failed(&self) -> Option<Unscannable> {
        self.failed
    }
}

impl Rar {
    fn block_4(&mut self, head: &[u8], limits: &Limits) -> Head {
        if head.len() < BLOCK_BYTES {
            return Head::Need(BLOCK_BYTES);
        }
        let (flags, bytes) = (u16_at(head, 3), usize::from(u16_at(head, 5)));
        if bytes < BLOCK_BYTES {
            return Head::Broken(Unscannable::Malformed);
        }
        if head.len() < bytes {
            return Head::Need(bytes);
        }
        let has_data = flags & 0x8000 != 0;
        let data = if has_data { u64::from(u32_at(head, 7)) } else { 0 };
        match head.get(2) {
            Some(0x73) if flags & 0x80 != 0 => Head::Broken(Unscannable::Encrypted),
            Some(0x73) => {
                self.is_solid = flags & SOLID_4 != 0;
                Head::Skip { bytes, skip: data }
            }
            Some(0x74) => match header_4(head, flags, bytes) {
                Some(header) => self.member(header, limits),
                None => Head::Broken(Unscannable::Malformed),
            },
            Some(0x7b) => Head::End(bytes),
            Some(0x72..=0x7a) => Head::Skip { bytes, skip: data },
            _ => Head::Broken(Unscannable::Malformed),
        }
    }

    fn block_5(&mut self, head: &[u8], limits: &Limits) -> Head {
        let Some((size, start)) = number(head, 4) else { return Head::Need(head.len().max(4) + 1) };
        let end = usize::try_from(size).ok().and_then(|size| start.checked_add(size));
        let Some(end) = end.filter(|end| *end < 2 << 20) else {
            return Head::Broken(Unscannable::Malformed);
        };
        let Some(block) = head.get(..end) else { return Head::Need(end) };
        if crc32fast::hash(block.get(4..).unwrap_or_default()) != u32_at(block, 0) {
            return Head::Broken(Unscannable::Malformed);
        }
        match block_5(block, start) {
            Some(Block::Member(header)) => self.member(header, limits),
            Some(Block::Encryption) => Head::Broken(Unscannable::Encrypted),
            Some(Block::End) => Head::End(end),
            Some(Block::Main { is_solid, data }) => {
                self.is_solid = is_solid;
                Head::Skip { bytes: end, skip: data }
            }
            Some(Block::Other(skip)) => Head::Skip { bytes: end, skip },
            None => Head::Broken(Unscannable::Malformed),
        }
    }

    fn member(&mut self, header: Header, limits: &Limits) -> Head {
        let Header { bytes, packed, unpacked, crc, packing, is_encrypted, is_split, name } = header;
        if is_split {
            // It goes on in another volume, or began in one.
            self.failed = Some(Unscannable::Unsupported);
        }
        // What is stored leaves what the members before it left.
        let remains = if packing == Packing::Stored { None } else { self.remains.take() };
        let decoder = match () {
            () if is_encrypted => Err(Unscannable::Encrypted),
            () if packing == Packing::Stored => Ok(Decoder::Stored { left: packed }),
            () if is_split => Err(Unscannable::Unsupported),
            () => {
                let sizes = Sizes { packed: Some(packed), unpacked };
                let unpacker = if packing.goes_on() {
                    going_on(packing, remains, sizes, limits)
                } else {
                    unpacker(packing, sizes, self.is_solid, limits)
                };
                unpacker.map(Decoder::Other).ok_or(Unscannable::Unsupported)
            }
        };
        let member = Member {
            size: Some(unpacked),
            packed_size: Some(packed),
            encrypted: is_encrypted,
            decoder,
            ..Member::stream("rar", name, Decoder::Stored { left: 0 })
        };
        let crc = crc.filter(|_| !is_split);
        Head::Member(Box::new(Entry { bytes, packed: Some(packed), behind: 0, crc, member }))
    }
}

impl Packing {
    const fn goes_on(self) -> bool {
        match self {
            Self::Three { goes_on, .. } | Self::Five { goes_on, .. } => goes_on,
            Self::Stored | Self::Other => false,
        }
    }
}

/// What unpacks a member, from which others may go on if it is of a solid archive.
fn unpacker(
    packing: Packing,
    sizes: Sizes,
    is_solid: bool,
    limits: &Limits,
) -> Option<Box<dyn Transform>> {
    Some(match packing {
        Packing::Stored | Packing::Other => return None,
        Packing::Three { version, window, .. } => {
            let window = window.min(limits.window_bytes_max);
            let symbols = Rar3::new(version, window, limits.model_bytes_max);
            Box::new(Unfiltered::new(Stepped::new(symbols, sizes, limits)))
        }
        Packing::Five { dictionary, .. } => {
            let needed = if is_solid { dictionary } else { sizes.unpacked };
            let symbols = Rar5::new(dictionary, needed, limits.window_bytes_max);
            Box::new(Unfiltered::new(Stepped::new(symbols, sizes, limits)))
        }
    })
}

/// The same for one that goes on from what `remains`, if that is of its kind.
fn going_on(
    packing: Packing,
    remains: Option<Remains>,
    sizes: Sizes,
    limits: &Limits,
) -> Option<Box<dyn Transform>> {
    match (packing, remains?) {
        (Packing::Three { version, .. }, Remains::Rar3(kept))
            if kept.symbols().version() == version =>
        {
            Some(Box::new(Unfiltered::new(Stepped::going_on(*kept, sizes, limits))))
        }
        (Packing::Five { dictionary, .. }, Remains::Rar5(kept))
            if kept.symbols().dictionary() >= dictionary =>
        {
            Some(Box::new(Unfiltered::new(Stepped::going_on(*kept, sizes, limits))))
        }
        _ => None,
    }
}

/// How a member of the older form is packed: by its method, the version that unpacks it, and flags.
fn packing_4(method: u8, version: u8, flags: u16, is_folder: bool) -> Packing {
    /// It continues the one before it.
    const SOLID: u16 = 0x10;
    let window = 0x1_0000 << (flags >> 5 & 7);
    let goes_on = flags & SOLID != 0;
    match (method, version) {
        _ if is_folder => Packing::Stored,
        (STORED, _) => Packing::Stored,
        (_, 20 | 26) => Packing::Three { version: Version::Two, window, goes_on },
        (_, 29 | 36) => Packing::Three { version: Version::Three, window, goes_on },
        _ => Packing::Other,
    }
}

/// The same of the newer form, by the field that tells all.
fn packing_5(field: u64) -> Packing {
    const SOLID: u64 = 0x40;
    match (field >> 7 & 7, field & 0x3f) {
        (0, _) => Packing::Stored,
        (1..=5, 0) => Packing::Five {
            dictionary: 0x2_0000 << (field >> 10 & 15),
            goes_on: field & SOLID != 0,
        },
        _ => Packing::Other,
    }
}

fn header_4(head: &[u8], flags: u16, bytes: usize) -> Option<Header> {
    let is_large = flags & 0x100 != 0;
    let high = |at: usize| if is_large { u64::from(u32_at(head, at)) << 32 } else { 0 };
    let name_at = if is_large { 40 } else { 32 };
    let name = head.get(name_at..name_at + usize::from(u16_at(head, 26)))?;
    if name_at + name.len() > bytes {
        return None;
    }
    // Behind a zero the same name follows in another form.
    let name = super::headed::c_string(name).to_vec();
    let is_folder = flags & 0xe0 == 0xe0;
    Some(Header {
        bytes,
        packed: high(32) | u64::from(u32_at(head, 7)),
        unpacked: high(36) | u64::from(u32_at(head, 11)),
        crc: Some(u32_at(head, 16)).filter(|_| !is_folder),
        packing: packing_4(
            head.get(25).copied().unwrap_or(0),
            head.get(24).copied().unwrap_or(0),
            flags,
            is_folder,
        ),
        is_encrypted: flags & 4 != 0,
        is_split: flags & 3 != 0,
        name,
    })
}

/// A block of the newer form.
enum Block {
    Member(Header),
    /// Of the whole archive, with data of so many bytes.
    Main {
        is_solid: bool,
        data: u64,
    },
    Encryption,
    End,
    /// With data of so many bytes.
    Other(u64),
}

/// A number of seven bits a byte, and where it ends.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for (i, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * i as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, at + i + 1));
        }
    }
    None
}

fn block_5(block: &[u8], start: usize) -> Option<Block> {
    let mut at = start;
    let mut next = || {
        let (value, end) = number(block, at)?;
        at = end;
        Some(value)
    };
    let (kind, flags) = (next()?, next()?);
    let extra = if flags & 1 != 0 { next()? } else { 0 };
    let data = if flags & 2 != 0 { next()? } else { 0 };
    match kind {
        1 => return Some(Block::Main { is_solid: next()? & SOLID_5 != 0, data }),
        2 => {}
        4 => return Some(Block::Encryption),
        5 => return Some(Block::End),
        _ => return Some(Block::Other(data)),
    }
    let (file_flags, unpacked, _attributes) = (next()?, next()?, next()?);
    let mut four = |is_there: u64| {
        if is_there == 0 {
            return Some(None);
        }
        let value = block.get(at..at + 4)?;
        at += 4;
        Some(Some(u32_at(value, 0)))
    };
    let (_time, crc) = (four(file_flags & 2)?, four(file_flags & 4)?);
    let mut next = || {
        let (value, end) = number(block, at)?;
        at = end;
        Some(value)
    };
    let (packing, _system, name_bytes) = (next()?, next()?, next()?);
    let name = block.get(at..at.checked_add(usize::try_from(name_bytes).ok()?)?)?.to_vec();
    let extra = block.len().checked_sub(usize::try_from(extra).ok()?)?;
    Some(Block::Member(Header {
        bytes: block.len(),
        packed: data,
        unpacked,
        crc,
        packing: packing_5(packing),
        is_encrypted: has_encryption(block, extra),
        is_split: flags & 0x18 != 0,
        name,
    }))
}

/// Whether a record of encryption stands in the extra area from `at` on.
fn has_encryption(block: &[u8], mut at: usize) -> bool {
    while let Some((size, start)) = number(block, at) {
        let Some((kind, _)) = number(block, start) else { return false };
        if kind == 1 {
            return true;
        }
        let Some(end) = usize::try_from(size).ok().and_then(|size| start.checked_add(size)) else {
            return false;
        };
        at = end.max(at + 1);
    }
    false
}
