//! Files of `compress` (`.Z`): LZW with codes that grow from 9 bits to as many as the header says, lowest bit
//! first. Neither a size nor a checksum stands anywhere.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::bytewise::{ByteDecoder, Bytewise};
use super::code_table::{Change, CodeTable, WIDTH_MIN};
use super::decoder::Decoded;
use crate::Limits;

const MAGIC: [u8; 2] = [0x1f, 0x9d];
const HEADER_BYTES: usize = 3;
/// Bits of codes at first, and at the most.
const WIDTHS: std::ops::RangeInclusive<u32> = WIDTH_MIN..=16;
/// The code that clears the table, where the header says that there is one.
const CLEAR: usize = 256;
/// In the last byte of the header: how wide codes become, and whether there is that code.
const WIDTH_MAX: u8 = 0x1f;
const CLEARS: u8 = 0x80;
/// Codes are written in groups of so many, the last of which is filled up where their width changes.
const GROUP: u32 = 8;

/// Whether a file begins so: by its third byte, how wide codes become, and by the first group of codes, none of which
/// stands for what has not come yet. `None` where these are not all there.
pub(crate) fn may_begin(first: &[u8]) -> Option<bool> {
    if !first.get(2).is_some_and(|flags| is_header(*flags)) {
        return (first.len() > 2).then_some(false);
    }
    let group = first.get(3..)?;
    let codes = group.windows(2).take(GROUP as usize).zip(0..).map(|(pair, at)| {
        let pair = pair.first_chunk::<2>().map_or(0, |pair| u16::from_le_bytes(*pair));
        (pair >> at & 0x1ff, at)
    });
    for (code, at) in codes {
        match code {
            // The table is cleared: nothing more is known.
            256 if at > 0 => return Some(true),
            256.. if at == 0 || code > 256 + at => return Some(false),
            _ => {}
        }
    }
    (group.len() > GROUP as usize).then_some(true)
}

/// Whether the third byte of a file may be this.
fn is_header(flags: u8) -> bool {
    flags & 0x60 == 0 && WIDTHS.contains(&u32::from(flags & WIDTH_MAX))
}

/// A file on its way.
pub(crate) struct Compress {
    header: Vec<u8>,
    table: CodeTable,
    /// Whether there is a code that clears the table.
    clears: bool,
    /// Codes of the group at hand, and bits behind it that are to be passed over.
    in_group: u32,
    padding: u32,
    /// The bits that have come, of which the lowest `have` belong to no code yet.
    bits: u32,
    have: u32,
}

impl Compress {
    /// A file of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Bytewise<Self> {
        let compress = Self {
            header: Vec::new(),
            table: CodeTable::new(CLEAR, *WIDTHS.end(), Change::Late),
            clears: false,
            in_group: 0,
            padding: 0,
            bits: 0,
            have: 0,
        };
        Bytewise::new(compress, limits)
    }

    fn read_header(&mut self) -> Result<(), Unscannable> {
        let [a, b, flags] = *self.header.first_chunk().ok_or(Unscannable::Malformed)?;
        if [a, b] != MAGIC || !is_header(flags) {
            return Err(Unscannable::Malformed);
        }
        self.clears = flags & CLEARS != 0;
        let first = if self.clears { CLEAR + 1 } else { CLEAR };
        self.table = CodeTable::new(first, u32::from(flags & WIDTH_MAX), Change::Late);
        Ok(())
    }

    /// The group of codes of `width` bits is filled up: they are of another width from here on.
    const fn end_group(&mut self, width: u32) {
        self.padding = (GROUP - self.in_group) % GROUP * width;
        self.in_group = 0;
    }

    /// Takes the next code, of `width` bits, if all of it has come.
    fn next_code(&mut self, width: u32) -> Option<usize> {
        let skipped = self.padding.min(self.have);
        self.bits = self.bits.checked_shr(skipped).unwrap_or(0);
        self.have -= skipped;
        self.padding -= skipped;
        if self.padding > 0 || self.have < width {
            return None;
        }
        let code = self.bits & ((1 << width) - 1);
        self.bits >>= width;
        self.have -= width;
        self.in_group = (self.in_group + 1) % GROUP;
        Some(code as usize)
    }

    #[inline]
    fn read(&mut self, byte: u8, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.header.len() < HEADER_BYTES {
            self.header.push(byte);
            return if self.header.len() == HEADER_BYTES { self.read_header() } else { Ok(()) };
        }
        self.bits |= u32::from(byte) << self.have;
        self.have += 8;
        let width = self.table.width();
        let Some(code) = self.next_code(width) else { return Ok(()) };
        if self.clears && code == CLEAR {
            self.table.clear();
            self.end_group(width);
            return Ok(());
        }
        self.table.put(code, out)?;
        if self.table.width() != width {
            self.end_group(width);
        }
        Ok(())
    }
}

impl ByteDecoder for Compress {
    const MEMORY_MAX: usize = CodeTable::memory_max(*WIDTHS.end());

    #[inline]
    fn push(&mut self, byte: u8, out: &mut BytesMut) -> Decoded {
        self.read(byte, out).map_or_else(Decoded::Failed, |()| Decoded::More)
    }

    fn finish(&self) -> Result<(), Unscannable> {
        // Behind the last code there are less than eight bits, or what fills its group up.
        let is_whole = self.header.len() == HEADER_BYTES && self.have < 8 && self.bits == 0;
        if is_whole { Ok(()) } else { Err(Unscannable::Malformed) }
    }
}
