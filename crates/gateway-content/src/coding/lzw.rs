//! LZW as PDF has it (ISO 32000-1, section 7.4.4): codes of 9 to 12 bits, of which one clears the
//! table and one ends the data.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

const CLEAR: usize = 256;
const END: usize = 257;
const CODES_MAX: usize = 1 << 12;

/// When codes grow by a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// One code before the table needs it, as is usual.
    Early,
    Late,
}

/// A stream on its way.
pub(crate) struct Lzw {
    change: Change,
    /// What each code from 258 on stands for: that of another one and a byte, and its length.
    entries: Vec<(u16, u8, u16)>,
    last: Option<usize>,
    bits: u32,
    have: u32,
    ratio: Ratio,
}

impl Lzw {
    pub(crate) fn new(change: Change, limits: &Limits) -> Self {
        let ratio = Ratio::new(limits);
        Self { change, entries: Vec::new(), last: None, bits: 0, have: 0, ratio }
    }

    fn width(&self) -> u32 {
        let early = usize::from(self.change == Change::Early);
        match 258 + self.entries.len() + early {
            0..512 => 9,
            512..1_024 => 10,
            1_024..2_048 => 11,
            _ => 12,
        }
    }

    /// Appends what `code` stands for, and gives its first byte.
    fn put(&self, code: usize, out: &mut BytesMut) -> Option<u8> {
        let len = self.len_of(code)?;
        let start = out.len();
        out.put_bytes(0, len);
        let mut code = code;
        for slot in out.get_mut(start..)?.iter_mut().rev() {
            match self.entries.get(code.wrapping_sub(258)) {
                Some((before, byte, _)) => (*slot, code) = (*byte, usize::from(*before)),
                None => *slot = u8::try_from(code).ok()?,
            }
        }
        out.get(start).copied()
    }

    fn len_of(&self, code: usize) -> Option<usize> {
        match code {
            0..256 => Some(1),
            _ => self.entries.get(code.checked_sub(258)?).map(|(_, _, len)| usize::from(*len)),
        }
    }

    fn code(&mut self, code: usize, out: &mut BytesMut) -> Decoded {
        match code {
            CLEAR => {
                self.entries.clear();
                self.last = None;
                return Decoded::More;
            }
            END => return Decoded::End,
            _ => {}
        }
        let next = 258 + self.entries.len();
        let first = match self.last {
            // What it begins with is what it ends with.
            Some(last) if code == next => {
                let first = self.put(last, out);
                out.extend(first);
                first
            }
            _ => self.put(code, out),
        };
        let Some(first) = first else { return Decoded::Failed(Unscannable::Malformed) };
        if let Some(last) = self.last
            && next < CODES_MAX
        {
            let len = self.len_of(last).map_or(u16::MAX, |len| (len + 1) as u16);
            // A code is one of 12 bits.
            self.entries.push((last as u16, first, len));
        }
        self.last = Some(code);
        Decoded::More
    }
}

impl Transform for Lzw {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let (mut used, mut decoded) = (0, Decoded::More);
        for byte in input {
            if out.len() - before >= WINDOW {
                break;
            }
            used += 1;
            self.bits = self.bits << 8 | u32::from(*byte);
            self.have += 8;
            let width = self.width();
            if self.have >= width {
                self.have -= width;
                let code = self.bits >> self.have & ((1 << width) - 1);
                decoded = self.code(code as usize, out);
            }
            if decoded != Decoded::More {
                break;
            }
        }
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ratio.packed())
    }

    fn memory_max(&self) -> usize {
        CODES_MAX * size_of::<(u16, u8, u16)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard.
    #[test]
    fn the_example_is_decoded() {
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        for cut in 1..=packed.len() {
            let (mut lzw, mut out) = (Lzw::new(Change::Early, &Limits::default()), BytesMut::new());
            let mut last = Decoded::More;
            for piece in packed.chunks(cut) {
                last = lzw.run(piece, &mut out).1;
            }
            assert_eq!((&*out, last), (&b"-----A---B"[..], Decoded::End), "by {cut}");
        }
    }
}
