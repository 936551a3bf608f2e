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
    /// The code that came last, and how long its string is.
    last: Option<(u16, usize)>,
    /// Bits of the code that is read next.
    width: u32,
}

impl CodeTable {
    /// An empty table, whose codes have up to `width_max` bits, 16 at the most.
    pub(super) const fn new(first: usize, width_max: u32, change: Change) -> Self {
        Self { first, width_max, change, entries: Vec::new(), last: None, width: WIDTH_MIN }
    }

    /// Bytes that a table of codes of up to `width_max` bits takes at the most.
    pub(super) const fn memory_max(width_max: u32) -> usize {
        (1 << width_max) * size_of::<Entry>()
    }

    /// Forgets all codes that stand for more than a byte.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.last = None;
        self.width = WIDTH_MIN;
    }

    /// Bits of the code that is read next.
    #[inline]
    pub(super) const fn width(&self) -> u32 {
        self.width
    }

    /// Appends what `code` stands for, and gives the next code to what came before and its first byte.
    ///
    /// # Errors
    /// When it stands for nothing.
    #[inline(always)]
    pub(super) fn put(&mut self, code: usize, out: &mut BytesMut) -> Result<(), Unscannable> {
        let next = self.first + self.entries.len();
        let start = out.len();
        let first = match self.last {
            // What it begins with is what it ends with.
            Some((last, _)) if code == next => {
                let first = self.string(last.into(), out);
                out.extend(first);
                first
            }
            _ => self.string(code, out),
        };
        let first = first.ok_or(Unscannable::Malformed)?;
        if let Some((last, len)) = self.last
            && next < 1 << self.width_max
        {
            // Each is longer by a byte than one before it at the most.
            self.entries.push((last, first, (len + 1) as u16));
            let early = usize::from(self.change == Change::Early);
            if next + 1 + early == 1 << self.width && self.width < self.width_max {
                self.width += 1;
            }
        }
        // A code is one of 16 bits.
        self.last = Some((code as u16, out.len() - start));
        Ok(())
    }

    fn entry(&self, code: usize) -> Option<&Entry> {
        self.entries.get(code.checked_sub(self.first)?)
    }

    /// Appends what `code` stands for, and gives its first byte.
    fn string(&self, code: usize, out: &mut BytesMut) -> Option<u8> {
        let start = out.len();
        let len = if code < 256 { 1 } else { usize::from(self.entry(code)?.2) };
        out.put_bytes(0, len);
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
