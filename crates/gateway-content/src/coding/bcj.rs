//! The filter that packers put before programs for x86: targets of calls and jumps are absolute in
//! the packed form, and are made relative again.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::transform::Transform;

/// Which of the bytes before an opcode rule out that it is one, by what was seen of them.
const ALLOWED: [bool; 8] = [true, true, true, false, true, false, false, false];
const SHIFTS: [u32; 8] = [0, 1, 2, 2, 3, 3, 3, 3];

/// The filter.
#[derive(Debug, Default)]
pub(crate) struct X86 {
    /// Position of the first byte that waits.
    at: u64,
    waiting: Vec<u8>,
    mask: u32,
    /// Position of the opcode that was met last.
    last: Option<u64>,
}

fn is_end(byte: u8) -> bool {
    matches!(byte, 0 | 0xff)
}

impl X86 {
    fn byte(&self, at: usize) -> u8 {
        self.waiting.get(at).copied().unwrap_or(0)
    }

    /// Filters what waits as far as an instruction cannot be cut: how many bytes are done.
    fn filter(&mut self) -> usize {
        let limit = self.waiting.len().saturating_sub(4);
        let mut i = 0;
        while i < limit {
            i += if self.byte(i) & 0xfe == 0xe8 { self.opcode(i) } else { 1 };
        }
        i
    }

    /// An opcode at `i`: how many bytes are done.
    fn opcode(&mut self, i: usize) -> usize {
        let position = self.at + i as u64;
        let distance = self.last.replace(position).map_or(u64::MAX, |last| position - last);
        self.mask = match distance {
            1..=3 => self.mask << (distance - 1) & 7,
            _ => 0,
        };
        let mask = self.mask as usize;
        let shift = SHIFTS.get(mask).copied().unwrap_or(0);
        if mask != 0 {
            let tested = self.byte((i + 4).saturating_sub(shift as usize));
            if !ALLOWED.get(mask).copied().unwrap_or(false) || is_end(tested) {
                self.mask = self.mask << 1 | 1;
                return 1;
            }
        }
        if !is_end(self.byte(i + 4)) {
            self.mask = self.mask << 1 | 1;
            return 1;
        }
        let mut target = u32::from_le_bytes([1, 2, 3, 4].map(|n| self.byte(i + n)));
        // Positions count modulo 2^32, and so does the cast.
        let end = (position as u32).wrapping_add(5);
        target = target.wrapping_sub(end);
        if mask != 0 && is_end((target >> (24 - shift * 8)) as u8) {
            target = (target ^ (1u32 << (32 - shift * 8)).wrapping_sub(1)).wrapping_sub(end);
        }
        let high = if target & 0x0100_0000 == 0 { 0 } else { 0xff00_0000 };
        let target = target & 0x00ff_ffff | high;
        if let Some(place) = self.waiting.get_mut(i + 1..i + 5) {
            place.copy_from_slice(&target.to_le_bytes());
        }
        5
    }
}

impl Transform for X86 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        self.waiting.extend_from_slice(input);
        let done = self.filter();
        out.put_slice(self.waiting.get(..done).unwrap_or_default());
        self.waiting.drain(..done);
        self.at += done as u64;
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        out.put_slice(&self.waiting);
        self.waiting.clear();
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.waiting.is_empty()
    }
}
