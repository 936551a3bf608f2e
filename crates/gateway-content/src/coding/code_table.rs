//! The table of codes that LZW builds (T. A. Welch, "A Technique for High-Performance Data Compression",
//! 1984): each new code stands for what one before it does and one byte more. Not how the bits of a code
//! are put together nor which codes are orders: in that formats differ.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

/// Bits of the narrowest codes.
pub(super) const WIDTH_MIN: u32 = 9;

/// When codes grow by a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// One code before the table needs it, as is usual in PDF.
    Early,
    /// When the table needs it.
    Late,
}

/// The code of a string without its last byte, that byte, and how long the string is.
type Entry = (u16, u8, u16);

/// What codes stand for. Those below 256 are bytes.
#[derive(Debug)]
pub(super) struct CodeTable {
    /// The first code that stands for more than a byte.
    first: usize,
    width_max: u32,
    change: Change,
    /// Of the codes from [`first`](Self::first) on.
    entries: Vec<Entry>,
    last: Option<usize>,
}

impl CodeTable {
    /// An empty table, whose codes have up to `width_max` bits, 16 at the most.
    pub(super) const fn new(first: usize, width_max: u32, change: Change) -> Self {
        Self { first, width_max, change, entries: Vec::new(), last: None }
    }

    /// Bytes that a table of codes of up to `width_max` bits takes at the most.
    pub(super) const fn memory_max(width_max: u32) -> usize {
        (1 << width_max) * size_of::<Entry>()
    }

    /// Forgets all codes that stand for more than a byte.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.last = None;
    }

    /// The code that the next string gets, if there is room.
    const fn next(&self) -> usize {
        self.first + self.entries.len()
    }

    /// Bits of the code that is read next.
    pub(super) fn width(&self) -> u32 {
        let early = usize::from(self.change == Change::Early);
        let bits = usize::BITS - (self.next() + early).leading_zeros();
        bits.clamp(WIDTH_MIN, self.width_max)
    }

    /// Appends what `code` stands for, and gives the next code to what came before and its first byte.
    ///
    /// # Errors
    /// When it stands for nothing.
    pub(super) fn put(&mut self, code: usize, out: &mut BytesMut) -> Result<(), Unscannable> {
        let next = self.next();
        let first = match self.last {
            // What it begins with is what it ends with.
            Some(last) if code == next => {
                let first = self.string(last, out);
                out.extend(first);
                first
            }
            _ => self.string(code, out),
        };
        let first = first.ok_or(Unscannable::Malformed)?;
        if let Some(last) = self.last
            && next < 1 << self.width_max
        {
            // Each is longer by a byte than one before it at the most, and a code is one of 16 bits.
            let len = self.len_of(last).map_or(u16::MAX, |len| (len + 1) as u16);
            self.entries.push((last as u16, first, len));
        }
        self.last = Some(code);
        Ok(())
    }

    fn entry(&self, code: usize) -> Option<&Entry> {
        self.entries.get(code.checked_sub(self.first)?)
    }

    fn len_of(&self, code: usize) -> Option<usize> {
        match code {
            0..256 => Some(1),
            _ => self.entry(code).map(|(_, _, len)| usize::from(*len)),
        }
    }

    /// Appends what `code` stands for, and gives its first byte.
    fn string(&self, code: usize, out: &mut BytesMut) -> Option<u8> {
        let start = out.len();
        out.put_bytes(0, self.len_of(code)?);
        let mut code = code;
        for slot in out.get_mut(start..)?.iter_mut().rev() {
            *slot = match u8::try_from(code) {
                Ok(byte) => byte,
                Err(_) => {
                    let (before, byte, _) = self.entry(code)?;
                    code = usize::from(*before);
                    *byte
                }
            };
        }
        out.get(start).copied()
    }
}
