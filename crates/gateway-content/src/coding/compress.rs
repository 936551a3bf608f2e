//! Files of `compress` (`.Z`): LZW with codes that grow from 9 bits to as many as the header says, lowest bit
//! first. Neither a size nor a checksum stands anywhere.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

const MAGIC: [u8; 2] = [0x1f, 0x9d];
const HEADER_BYTES: usize = 3;
/// Bits of codes at first, and at the most.
const WIDTHS: std::ops::RangeInclusive<u32> = 9..=16;
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
    width_max: u32,
    /// The first code that stands for more than a byte.
    first: usize,
    /// What each code from [`first`](Self::first) on stands for: that of another one and a byte, and its length.
    entries: Vec<(u16, u8, u16)>,
    last: Option<usize>,
    width: u32,
    /// Codes of the group at hand, and bits behind it that are to be passed over.
    in_group: u32,
    padding: u32,
    bits: u32,
    have: u32,
    ratio: Ratio,
}

impl Compress {
    /// A file of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            header: Vec::new(),
            width_max: *WIDTHS.end(),
            first: CLEAR,
            entries: Vec::new(),
            last: None,
            width: *WIDTHS.start(),
            in_group: 0,
            padding: 0,
            bits: 0,
            have: 0,
            ratio: Ratio::new(limits),
        }
    }

    fn read_header(&mut self) -> Result<(), Unscannable> {
        let [a, b, flags] = *self.header.first_chunk().ok_or(Unscannable::Malformed)?;
        if [a, b] != MAGIC || !is_header(flags) {
            return Err(Unscannable::Malformed);
        }
        self.width_max = u32::from(flags & WIDTH_MAX);
        if flags & CLEARS != 0 {
            self.first = CLEAR + 1;
        }
        Ok(())
    }

    /// Codes are of `width` bits from here on: the group is filled up.
    fn set_width(&mut self, width: u32) {
        self.padding = (GROUP - self.in_group) % GROUP * self.width;
        self.in_group = 0;
        self.width = width;
    }

    /// Takes the next code, if all of it has come.
    fn next_code(&mut self) -> Option<usize> {
        let skipped = self.padding.min(self.have);
        self.bits = self.bits.checked_shr(skipped).unwrap_or(0);
        self.have -= skipped;
        self.padding -= skipped;
        if self.padding > 0 || self.have < self.width {
            return None;
        }
        let code = self.bits & ((1 << self.width) - 1);
        self.bits >>= self.width;
        self.have -= self.width;
        self.in_group = (self.in_group + 1) % GROUP;
        Some(code as usize)
    }

    fn len_of(&self, code: usize) -> Option<usize> {
        match code {
            0..256 => Some(1),
            _ => {
                let entry = self.entries.get(code.checked_sub(self.first)?);
                entry.map(|(_, _, len)| usize::from(*len))
            }
        }
    }

    /// Appends what `code` stands for, and gives its first byte.
    fn put(&self, code: usize, out: &mut BytesMut) -> Option<u8> {
        let start = out.len();
        out.put_bytes(0, self.len_of(code)?);
        let mut code = code;
        for slot in out.get_mut(start..)?.iter_mut().rev() {
            *slot = match u8::try_from(code) {
                Ok(byte) => byte,
                Err(_) => {
                    let (before, byte, _) = self.entries.get(code.checked_sub(self.first)?)?;
                    code = usize::from(*before);
                    *byte
                }
            };
        }
        out.get(start).copied()
    }

    fn code(&mut self, code: usize, out: &mut BytesMut) -> Result<(), Unscannable> {
        if code == CLEAR && self.first > CLEAR {
            self.entries.clear();
            self.last = None;
            self.set_width(*WIDTHS.start());
            return Ok(());
        }
        let next = self.first + self.entries.len();
        let first = match self.last {
            // What it begins with is what it ends with.
            Some(last) if code == next => {
                let first = self.put(last, out);
                out.extend(first);
                first
            }
            _ => self.put(code, out),
        };
        let first = first.ok_or(Unscannable::Malformed)?;
        if let Some(last) = self.last
            && next < 1 << self.width_max
        {
            // Each is longer by a byte than one before it at the most, and a code is one of 16 bits.
            let len = self.len_of(last).map_or(u16::MAX, |len| (len + 1) as u16);
            self.entries.push((last as u16, first, len));
            if next + 1 == 1 << self.width && self.width < self.width_max {
                self.set_width(self.width + 1);
            }
        }
        self.last = Some(code);
        Ok(())
    }
}

impl Transform for Compress {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let mut used = 0;
        let mut whole = Ok(());
        for byte in input {
            if out.len() - before >= WINDOW {
                break;
            }
            used += 1;
            if self.header.len() < HEADER_BYTES {
                self.header.push(*byte);
                if self.header.len() == HEADER_BYTES {
                    whole = self.read_header();
                }
            } else {
                self.bits |= u32::from(*byte) << self.have;
                self.have += 8;
                if let Some(code) = self.next_code() {
                    whole = self.code(code, out);
                }
            }
            if whole.is_err() {
                break;
            }
        }
        let decoded = whole.map_or_else(Decoded::Failed, |()| Decoded::More);
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        // Behind the last code there are less than eight bits, or what fills its group up.
        let is_whole = self.header.len() == HEADER_BYTES && self.have < 8 && self.bits == 0;
        if is_whole { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ratio.packed())
    }

    fn memory_max(&self) -> usize {
        (1 << *WIDTHS.end()) * size_of::<(u16, u8, u16)>()
    }
}
