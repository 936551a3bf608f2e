//! The filters LZWDecode and RunLengthDecode of PDF (ISO 32000-1, section 7.4).

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::bits::{Bits, Order};
use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// The code that begins the table anew, and the one that ends the data.
const CLEAR: usize = 256;
const END: usize = 257;
/// Bits of the shortest and of the longest code.
const WIDTH_MIN: u32 = 9;
const WIDTH_MAX: u32 = 12;

/// When codes become longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// One entry before they have to, as nearly all are written.
    Early,
    /// When they have to: what `/EarlyChange 0` says.
    Late,
}

/// The filter LZWDecode.
pub(crate) struct Lzw {
    growth: Growth,
    /// Behind the codes that stand for themselves: the code before, and one more byte.
    table: Vec<(u16, u8)>,
    last: Option<u16>,
    waiting: BytesMut,
    bit: usize,
    ratio: Ratio,
    drained: bool,
}

impl Lzw {
    /// Data of which nothing was seen.
    pub(crate) fn new(growth: Growth, limits: &Limits) -> Self {
        Self {
            growth,
            table: Vec::new(),
            last: None,
            waiting: BytesMut::new(),
            bit: 0,
            ratio: Ratio::new(limits),
            drained: true,
        }
    }

    fn width(&self) -> u32 {
        let early = if self.growth == Growth::Early { 1 } else { 0 };
        let next = END + 1 + self.table.len() + early;
        (usize::BITS - next.leading_zeros()).clamp(WIDTH_MIN, WIDTH_MAX)
    }

    /// What a code stands for, the last byte first.
    fn string(&self, code: u16) -> Option<Vec<u8>> {
        let (mut code, mut string) = (code, Vec::new());
        loop {
            if let Ok(byte) = u8::try_from(code) {
                string.push(byte);
                return Some(string);
            }
            let (before, byte) = *self.table.get(usize::from(code).checked_sub(END + 1)?)?;
            string.push(byte);
            code = before;
        }
    }

    /// One code: whether more follow.
    fn code(&mut self, code: u16, out: &mut BytesMut) -> Result<bool, Unscannable> {
        match usize::from(code) {
            CLEAR => {
                self.table.clear();
                self.last = None;
                return Ok(true);
            }
            END => return Ok(false),
            _ => {}
        }
        let is_next = usize::from(code) == END + 1 + self.table.len();
        let mut string = match self.last.filter(|_| is_next) {
            // The one that is about to be added: that of the code before, and its first byte again.
            Some(last) => {
                let mut string = self.string(last).ok_or(Unscannable::Malformed)?;
                let first = string.last().copied().unwrap_or(0);
                string.insert(0, first);
                string
            }
            None => self.string(code).ok_or(Unscannable::Malformed)?,
        };
        string.reverse();
        let first = string.first().copied().unwrap_or(0);
        if let Some(last) = self.last
            && self.table.len() < (1 << WIDTH_MAX) - END - 1
        {
            self.table.push((last, first));
        }
        self.last = Some(code);
        out.extend_from_slice(&string);
        Ok(true)
    }

    fn decode(&mut self, out: &mut BytesMut) -> Decoded {
        let before = out.len();
        self.drained = true;
        loop {
            if out.len() - before >= WINDOW {
                self.drained = false;
                return Decoded::More;
            }
            let mut bits = Bits::new(&self.waiting, self.bit, Order::High);
            let Ok(code) = bits.take(self.width()) else { return Decoded::More };
            self.bit = bits.at();
            // No code has more than 12 bits.
            match self.code(code as u16, out) {
                Ok(true) => {}
                Ok(false) => return Decoded::End,
                Err(reason) => return Decoded::Failed(reason),
            }
        }
    }
}

impl Transform for Lzw {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        self.waiting.extend_from_slice(input);
        let before = out.len();
        let decoded = self.decode(out);
        let used = (self.bit / 8).min(self.waiting.len());
        let _ = self.waiting.split_to(used);
        self.bit -= 8 * used;
        match self.ratio.add(input.len(), out.len() - before, out) {
            Err(reason) => (input.len(), Decoded::Failed(reason)),
            Ok(()) => (input.len(), decoded),
        }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ratio.packed()).saturating_mul(4)
    }

    fn memory_max(&self) -> usize {
        64 << 10
    }
}

/// The filter RunLengthDecode.
pub(crate) struct RunLength {
    state: Run,
    ratio: Ratio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Length,
    Bytes(u8),
    Repeat(u8),
}

impl RunLength {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { state: Run::Length, ratio: Ratio::new(limits) }
    }

    fn read(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        for (i, byte) in input.iter().enumerate() {
            if out.len() - before >= WINDOW {
                return (i, Decoded::More);
            }
            self.state = match (self.state, *byte) {
                (Run::Length, 128) => return (i + 1, Decoded::End),
                (Run::Length, n @ 0..=127) => Run::Bytes(n),
                // As many as are missing to 257.
                (Run::Length, n) => Run::Repeat(n.wrapping_neg()),
                (Run::Bytes(left), byte) => {
                    out.put_u8(byte);
                    left.checked_sub(1).map_or(Run::Length, Run::Bytes)
                }
                (Run::Repeat(more), byte) => {
                    out.put_bytes(byte, 1 + usize::from(more));
                    Run::Length
                }
            };
        }
        (input.len(), Decoded::More)
    }
}

impl Transform for RunLength {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let (used, decoded) = self.read(input, out);
        match self.ratio.add(used, out.len() - before, out) {
            Err(reason) => (used, Decoded::Failed(reason)),
            Ok(()) => (used, decoded),
        }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{lzw as packed, run_lengths};

    #[track_caller]
    fn check(make: impl Fn() -> Box<dyn Transform>, packed: &[u8], want: &[u8]) {
        for cut in [1, 2, packed.len()] {
            let (mut decoder, mut out) = (make(), BytesMut::new());
            let mut ended = false;
            for piece in packed.chunks(cut) {
                let mut rest = piece;
                while !rest.is_empty() || !decoder.is_drained() {
                    let (used, decoded) = decoder.run(rest, &mut out);
                    rest = &rest[used..];
                    ended |= decoded == Decoded::End;
                }
            }
            assert!(ended);
            assert_eq!(&out[..], want, "pieces of {cut}");
        }
    }

    fn lzw(growth: Growth) -> Box<dyn Transform> {
        Box::new(Lzw::new(growth, &Limits::default()))
    }

    #[test]
    fn what_makes_no_sense_is_malformed() {
        // A clear, and a code that no entry stands for yet: 1 0000 0000, 1 0000 0011.
        let (mut decoder, mut out) = (lzw(Growth::Early), BytesMut::new());
        let (used, decoded) = decoder.run(&[0x80, 0x40, 0xc0], &mut out);
        assert_eq!((used, decoded), (3, Decoded::Failed(Unscannable::Malformed)));
    }

    #[test]
    fn bombs_stop_at_the_ratio() {
        let limits = Limits { ratio_max: 3, ratio_floor_bytes: 1_000, ..Limits::default() };
        let packed: Vec<u8> = [129, b'x'].repeat(5_000);
        for cut in [1, 7, packed.len()] {
            let (mut decoder, mut out) = (RunLength::new(&limits), BytesMut::new());
            let mut last = Decoded::More;
            for piece in packed.chunks(cut) {
                let mut rest = piece;
                while !rest.is_empty() && last == Decoded::More {
                    let (used, decoded) = decoder.run(rest, &mut out);
                    (rest, last) = (&rest[used..], decoded);
                }
            }
            assert_eq!(last, Decoded::Failed(Unscannable::RatioExceeded));
            assert_eq!(out.len(), 3 * 4_096, "pieces of {cut}");
        }
    }

    #[test]
    fn the_example_of_the_standard_is_unpacked() {
        let lzw = || lzw(Growth::Early);
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        check(lzw, &packed, &[45, 45, 45, 45, 45, 65, 45, 45, 45, 66]);
    }

    #[test]
    fn codes_become_longer() {
        // Codes of 9 to 12 bits, and the table anew.
        let content: Vec<u8> = (0..9_000u32).map(|i| (i * i >> 3 ^ i) as u8).collect();
        check(|| lzw(Growth::Early), &packed(&content, 1), &content);
        check(|| lzw(Growth::Late), &packed(&content, 0), &content);
    }

    #[test]
    fn runs_are_unpacked() {
        let run = || -> Box<dyn Transform> { Box::new(RunLength::new(&Limits::default())) };
        check(run, &run_lengths(b"aaabcc"), b"aaabcc");
        check(run, &[2, b'a', b'b', b'c', 254, b'x', 0, b'y', 128], b"abcxxxy");
    }
}
