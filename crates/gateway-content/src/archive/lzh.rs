//! LHA archives, with headers of levels 0 to 3: stored members and those packed by the methods
//! `-lh1-` to `-lh7-`, `-lhx-`, `-lzs-` and `-lz5-`. What others packed is `Unsupported`.

use gateway_inspect::Unscannable;

use super::Member;
use super::headed::{Entry, Head, Headed, u16_at, u32_at};
use crate::Limits;
use crate::coding::decoder::Decoder;
use crate::coding::lh::{Lh, Reach};
use crate::coding::lharc::{Lh1, Lh2, Lh3};
use crate::coding::lzss::{Lzs, Lzss};
use crate::coding::stepped::{Sizes, Stepped, Symbols};

/// Bytes of the shortest header, up to its level.
const LEVEL_AT: usize = 20;
const EXTENDED_NAME: u8 = 1;
const EXTENDED_FOLDER: u8 = 2;

/// The beginnings of methods, which stand [`METHOD_AT`] bytes behind the start of a header.
pub(crate) const METHODS: [&[u8]; 3] = [b"-lh", b"-lz", b"-pm"];
pub(crate) const METHOD_AT: usize = 2;
/// The longest header by which an archive is told that something else is before.
const HEADER_BYTES_MAX: usize = 4 << 10;

/// The format.
pub(crate) struct Lzh;

/// Whether a file that begins with `head` may be an archive; none if that takes more bytes. A program
/// may have the method where its header has something else: whether there is an archive in it is for
/// [`begins`] to say.
pub(crate) fn may_be(head: &[u8]) -> Option<bool> {
    if head.starts_with(b"MZ") {
        return Some(false);
    }
    head.get(LEVEL_AT).map(|level| *level <= 3)
}

/// Whether the header of a member begins `head`, by all that it says of itself; how many bytes that takes, if
/// they are not there.
pub(crate) fn begins(head: &[u8]) -> Result<bool, usize> {
    let Some(level) = head.get(LEVEL_AT) else { return Err(LEVEL_AT + 1) };
    let method = head.get(METHOD_AT..METHOD_AT + 5).unwrap_or_default();
    let is_method = METHODS.iter().any(|known| method.starts_with(known))
        && method.get(3).is_some_and(u8::is_ascii_alphanumeric)
        && method.ends_with(b"-");
    if !is_method {
        return Ok(false);
    }
    match level {
        0 | 1 => {
            let bytes = 2 + usize::from(head.first().copied().unwrap_or(0));
            let Some(summed) = head.get(2..bytes) else { return Err(bytes) };
            let sum = summed.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            Ok(head.get(1) == Some(&sum) && bytes > LEVEL_AT + 1)
        }
        2 | 3 => {
            let told = if *level == 2 {
                read_long(head, usize::from(u16_at(head, 0)), 24, 2)
            } else if u16_at(head, 0) != 4 {
                Ok(None)
            } else if head.len() < 28 {
                Err(28)
            } else {
                read_long(head, u32_at(head, 24) as usize, 28, 4)
            };
            match told {
                Err(need) if need > HEADER_BYTES_MAX => Ok(false),
                told => Ok(told?.is_some_and(|header| header.bytes > LEVEL_AT)),
            }
        }
        _ => Ok(false),
    }
}

/// What a header of any level says.
#[derive(Default)]
struct Header {
    bytes: usize,
    packed: u64,
    name: Vec<u8>,
    folder: Vec<u8>,
}

impl Headed for Lzh {
    fn read(&mut self, head: &[u8], limits: &Limits) -> Head {
        match head {
            [] => return Head::Need(1),
            [0, ..] => return Head::End(1),
            _ if head.len() <= LEVEL_AT => return Head::Need(LEVEL_AT + 1),
            _ => {}
        }
        let is_method = head.get(2) == Some(&b'-') && head.get(6) == Some(&b'-');
        if !is_method {
            return Head::Broken(Unscannable::Malformed);
        }
        let header = match head.get(LEVEL_AT) {
            Some(0 | 1) => read_short(head),
            Some(2) => read_long(head, usize::from(u16_at(head, 0)), 24, 2),
            Some(3) if head.len() < 28 => Err(28),
            Some(3) => read_long(head, u32_at(head, 24) as usize, 28, 4),
            _ => return Head::Broken(Unscannable::Malformed),
        };
        match header {
            Ok(Some(header)) => entry(head, header, limits),
            Ok(None) => Head::Broken(Unscannable::Malformed),
            Err(need) => Head::Need(need),
        }
    }

    fn may_end(&self) -> bool {
        true
    }
}

/// Levels 0 and 1; how many bytes are needed if they are not there, none if it makes no sense.
fn read_short(head: &[u8]) -> Result<Option<Header>, usize> {
    let bytes = 2 + usize::from(head.first().copied().unwrap_or(0));
    if head.len() < bytes {
        return Err(bytes);
    }
    let name_bytes = usize::from(head.get(21).copied().unwrap_or(0));
    let Some(name) = head.get(22..22 + name_bytes).filter(|_| 22 + name_bytes < bytes) else {
        return Ok(None);
    };
    let packed = u64::from(u32_at(head, 7));
    let mut header = Header { bytes, packed, name: name.to_vec(), folder: Vec::new() };
    if head.get(LEVEL_AT) == Some(&1) {
        let first = usize::from(u16_at(head, bytes - 2));
        let extended = read_extended(head, &mut header, first, 2)?;
        let Some(packed) = extended.and_then(|bytes| packed.checked_sub(bytes as u64)) else {
            return Ok(None);
        };
        header.packed = packed;
    }
    Ok(Some(header))
}

/// Levels 2 and 3, of `bytes` in all; at `extended_at` stands the size, of `width` bytes, of the first
/// extended header.
fn read_long(
    head: &[u8],
    bytes: usize,
    extended_at: usize,
    width: usize,
) -> Result<Option<Header>, usize> {
    if head.len() < bytes.max(extended_at + width) {
        return Err(bytes.max(extended_at + width));
    }
    let start = extended_at + width;
    let mut header =
        Header { bytes: start, packed: u64::from(u32_at(head, 7)), ..Header::default() };
    let first = size_at(head, extended_at, width);
    let Some(_) = read_extended(head, &mut header, first, width)? else { return Ok(None) };
    // There may be a byte of padding; the packer of OS-9 leaves the size itself out.
    let is_short = head.get(23) == Some(&b'K') && header.bytes == bytes + width;
    let is_sound = is_short || header.bytes <= bytes && bytes - header.bytes <= 1;
    header.bytes = header.bytes.max(bytes);
    Ok(is_sound.then_some(header))
}

fn size_at(head: &[u8], at: usize, width: usize) -> usize {
    if width == 2 { usize::from(u16_at(head, at)) } else { u32_at(head, at) as usize }
}

/// Extended headers, the first of `size` bytes: their bytes.
fn read_extended(
    head: &[u8],
    header: &mut Header,
    mut size: usize,
    width: usize,
) -> Result<Option<usize>, usize> {
    let start = header.bytes;
    while size > 0 {
        if size <= width {
            return Ok(None);
        }
        let end = header.bytes.saturating_add(size);
        let Some(extended) = head.get(header.bytes..end) else { return Err(end) };
        let body = extended.get(1..size - width).unwrap_or_default();
        match extended.first() {
            Some(&EXTENDED_NAME) => header.name = body.to_vec(),
            Some(&EXTENDED_FOLDER) => header.folder = body.to_vec(),
            _ => {}
        }
        size = size_at(extended, size - width, width);
        header.bytes = end;
    }
    Ok(Some(header.bytes - start))
}

fn packed_by(
    symbols: impl Symbols + 'static,
    sizes: Sizes,
    limits: &Limits,
) -> Result<Decoder, Unscannable> {
    Ok(Decoder::Other(Box::new(Stepped::new(symbols, sizes, limits))))
}

fn entry(head: &[u8], header: Header, limits: &Limits) -> Head {
    let Header { bytes, packed, name, folder } = header;
    let unpacked = u64::from(u32_at(head, 11));
    let sizes = Sizes { packed: Some(packed), unpacked };
    let lh = |reach| packed_by(Lh::new(reach), sizes, limits);
    let decoder = match head.get(2..7).unwrap_or_default() {
        b"-lhd-" => return Head::Skip { bytes, skip: packed },
        b"-lh0-" | b"-lz4-" | b"-pm0-" => Ok(Decoder::Stored { left: packed }),
        b"-lh1-" => packed_by(Lh1::new(), sizes, limits),
        b"-lh2-" => packed_by(Lh2::new(), sizes, limits),
        b"-lh3-" => packed_by(Lh3::new(), sizes, limits),
        b"-lh4-" | b"-lh5-" => lh(Reach::Lh5),
        b"-lh6-" => lh(Reach::Lh6),
        b"-lh7-" => lh(Reach::Lh7),
        b"-lhx-" => lh(Reach::Lhx),
        b"-lz5-" => packed_by(Lzss::larc(), sizes, limits),
        b"-lzs-" => packed_by(Lzs, sizes, limits),
        _ => Err(Unscannable::Unsupported),
    };
    let mut path: Vec<u8> =
        folder.iter().map(|byte| if *byte == 0xff { b'/' } else { *byte }).collect();
    path.extend_from_slice(&name);
    let member = Member {
        size: Some(unpacked),
        packed_size: Some(packed),
        decoder,
        ..Member::stream("lzh", path, Decoder::Stored { left: 0 })
    };
    Head::Member(Box::new(Entry { bytes, packed: Some(packed), behind: 0, crc: None, member }))
}
