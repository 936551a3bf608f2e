//! LZX ([MS-PATCH], section 2), as cabinets and CHM files are packed by it: blocks of prefix codes
//! over frames of 32 KiB, in a window of up to 2 MiB, and targets of calls made absolute. In images of
//! Windows there is no header, and each chunk is one frame.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::decoder::Decoded;
use super::prefix_code::PrefixCode;
use super::stepped::{Sink, Sizes, Stepped, Symbols};
use super::transform::Transform;
use crate::Limits;

/// Bytes of a frame, after which bits begin anew at a pair of bytes.
const FRAME: u64 = 32 << 10;
/// Frames in which targets of calls are changed.
const FRAMES_CHANGED: u64 = 32_768;
const LITERALS: usize = 256;
const LENGTHS: usize = 249;
const PRE_CODES: usize = 20;
const ALIGNED_CODES: usize = 8;
const MATCH_MIN: usize = 2;
/// Windows, as powers of two.
const WINDOW_BITS: std::ops::RangeInclusive<u32> = 15..=21;

/// In images of Windows: what calls are counted in, and the usual size of a block.
const CALLS: u32 = 12_000_000;
const BLOCK: u64 = 32 << 10;

/// Where the distances of a slot begin, and how many bits follow.
fn slot(number: usize) -> (usize, u32) {
    match number {
        0..=3 => (number, 0),
        4..=35 => {
            let extra = number as u32 / 2 - 1;
            ((2 + (number & 1)) << extra, extra)
        }
        _ => ((number - 34) << 17, 17),
    }
}

/// How the bytes of the block at hand are packed.
enum Block {
    Codes(Box<Codes>),
    Stored,
}

/// The codes of a block.
struct Codes {
    literals: PrefixCode,
    lengths: PrefixCode,
    aligned: Option<PrefixCode>,
}

/// The symbols.
struct Lzx {
    window_bits: u32,
    /// Whether it is a chunk of an image.
    is_chunk: bool,
    /// Bytes after which all begins anew, if it does.
    reset: Option<u64>,
    done: u64,
    /// Whether the header was read; size of what calls are counted in.
    is_begun: bool,
    calls: u32,
    block: Option<Block>,
    /// Bytes left of it, and whether a byte of padding follows.
    left: u64,
    padded: bool,
    /// Where a frame ends, the bits of which are still to be left behind.
    frame_end: u64,
    literal_lengths: Vec<u8>,
    length_lengths: Vec<u8>,
    recent: [usize; 3],
}

impl Lzx {
    fn new(window_bits: u32, reset: Option<u64>) -> Self {
        let slots = match window_bits {
            20 => 42,
            21 => 50,
            bits => 2 * bits as usize,
        };
        Self {
            window_bits,
            is_chunk: false,
            reset,
            done: 0,
            is_begun: false,
            calls: 0,
            block: None,
            left: 0,
            padded: false,
            frame_end: FRAME,
            literal_lengths: vec![0; LITERALS + 8 * slots],
            length_lengths: vec![0; LENGTHS],
            recent: [1; 3],
        }
    }

    /// A chunk of an image, of a window's size.
    fn chunk(window_bits: u32) -> Self {
        let chunk = Self::new(window_bits, None);
        Self { is_chunk: true, is_begun: true, calls: CALLS, frame_end: u64::MAX, ..chunk }
    }

    /// Reads the header of all, once; it comes again where all begins anew.
    fn begin(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        let has_calls = bits.take(1)? == 1;
        self.calls = if has_calls { bits.take(16)? << 16 | bits.take(16)? } else { 0 };
        self.is_begun = true;
        Ok(())
    }

    fn read_block(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        let kind = bits.take(3)?;
        let left = self.block_size(bits)?;
        let block = match kind {
            1 | 2 => {
                let aligned = if kind == 2 { Some(read_aligned(bits)?) } else { None };
                let (mut literals, mut lengths) =
                    (self.literal_lengths.clone(), self.length_lengths.clone());
                let (first, second) = literals.split_at_mut(LITERALS);
                read_lengths(bits, first)?;
                read_lengths(bits, second)?;
                read_lengths(bits, &mut lengths)?;
                let codes = (PrefixCode::new(&literals)?, PrefixCode::new(&lengths)?);
                (self.literal_lengths, self.length_lengths) = (literals, lengths);
                Block::Codes(Box::new(Codes { literals: codes.0, lengths: codes.1, aligned }))
            }
            3 => {
                // At least one bit is left out.
                let past = (bits.at() % 16) as u32;
                bits.skip(16 - past)?;
                let mut recent = [0; 3];
                for distance in &mut recent {
                    let (low, high) = (swapped(bits)?, swapped(bits)?);
                    *distance = high << 16 | low;
                }
                self.recent = recent;
                Block::Stored
            }
            _ => return Err(MALFORMED),
        };
        self.padded = kind == 3 && left % 2 == 1;
        (self.block, self.left) = (Some(block), left);
        Ok(())
    }

    fn block_size(&self, bits: &mut Bits<'_>) -> Result<u64, Fault> {
        if self.is_chunk && bits.take(1)? == 1 {
            return Ok(BLOCK);
        }
        // There is no third byte where it would be zero.
        let high = bits.take(16)?;
        let is_short = self.is_chunk && self.window_bits < 16;
        Ok(u64::from(if is_short { high } else { high << 8 | bits.take(8)? }))
    }

    /// What is due between symbols: whether anything was.
    fn between(&mut self, bits: &mut Bits<'_>) -> Result<bool, Fault> {
        if self.left == 0 && self.padded {
            bits.skip(8)?;
            self.padded = false;
            return Ok(true);
        }
        if self.done >= self.frame_end {
            let past = (bits.at() % 16) as u32;
            let is_stored = self.left > 0 && matches!(self.block, Some(Block::Stored));
            if past > 0 && !is_stored {
                bits.skip(16 - past)?;
            }
            self.frame_end += FRAME;
            if self.reset.is_some_and(|reset| self.done.is_multiple_of(reset)) {
                let (done, frame_end) = (self.done, self.frame_end);
                *self = Self { done, frame_end, ..Self::new(self.window_bits, self.reset) };
            }
            return Ok(true);
        }
        if !self.is_begun {
            return self.begin(bits).map(|()| true);
        }
        if self.left == 0 {
            return self.read_block(bits).map(|()| true);
        }
        Ok(false)
    }

    fn distance(
        &self,
        bits: &mut Bits<'_>,
        slot_number: usize,
        aligned: Option<&PrefixCode>,
    ) -> Result<(usize, [usize; 3]), Fault> {
        let [first, second, third] = self.recent;
        let (base, extra) = match slot_number {
            0 => return Ok((first, self.recent)),
            1 => return Ok((second, [second, first, third])),
            2 => return Ok((third, [third, second, first])),
            number => slot(number),
        };
        let rest = match aligned {
            Some(aligned) if extra >= 3 => {
                bits.number(extra - 3)? << 3 | usize::from(aligned.read(bits)?)
            }
            _ => bits.number(extra)?,
        };
        let distance = base + rest - 2;
        Ok((distance, [distance, first, second]))
    }
}

/// Two bytes in the order in which they stand.
fn swapped(bits: &mut Bits<'_>) -> Result<usize, Fault> {
    // A pair is read with its second byte first, so as a number its first byte is the lower one.
    bits.number(16)
}

fn read_aligned(bits: &mut Bits<'_>) -> Result<PrefixCode, Fault> {
    let mut lengths = [0; ALIGNED_CODES];
    for length in &mut lengths {
        *length = bits.take(3)? as u8;
    }
    PrefixCode::new(&lengths)
}

/// Lengths of codes, as differences to those of the block before.
fn read_lengths(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Fault> {
    let mut pre = [0; PRE_CODES];
    for length in &mut pre {
        *length = bits.take(4)? as u8;
    }
    let pre = PrefixCode::new(&pre)?;
    let less = |old: u8, by: u16| ((u16::from(old) + 17 - by) % 17) as u8;
    let mut at = 0;
    while at < lengths.len() {
        let (run, length) = match pre.read(bits)? {
            17 => (bits.number(4)? + 4, Some(0)),
            18 => (bits.number(5)? + 20, Some(0)),
            19 => {
                let run = bits.number(1)? + 4;
                let by = pre.read(bits)?;
                if by > 16 {
                    return Err(MALFORMED);
                }
                (run, lengths.get(at).map(|old| less(*old, by)))
            }
            by => (1, lengths.get(at).map(|old| less(*old, by))),
        };
        let places = lengths.get_mut(at..at + run).ok_or(MALFORMED)?;
        places.fill(length.unwrap_or(0));
        at += run;
    }
    Ok(())
}

impl Symbols for Lzx {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.between(bits)? {
            return Ok(());
        }
        let Some(block) = &self.block else { return Err(MALFORMED) };
        let n = match block {
            Block::Stored => {
                // One byte at a time, the first of a pair first.
                let byte = bits.byte()?;
                sink.byte(byte);
                1
            }
            Block::Codes(codes) => {
                let Codes { literals, lengths, aligned } = &**codes;
                let symbol = usize::from(literals.read(bits)?);
                if symbol < LITERALS {
                    sink.byte(symbol as u8);
                    1
                } else {
                    let symbol = symbol - LITERALS;
                    let mut len = symbol & 7;
                    if len == 7 {
                        len += usize::from(lengths.read(bits)?);
                    }
                    let (distance, recent) = self.distance(bits, symbol >> 3, aligned.as_ref())?;
                    sink.copy(distance, len + MATCH_MIN)?;
                    self.recent = recent;
                    (len + MATCH_MIN) as u64
                }
            }
        };
        self.left = self.left.checked_sub(n).ok_or(MALFORMED)?;
        self.done += n;
        Ok(())
    }

    fn order(&self) -> Order {
        Order::HighOfPairs
    }

    fn window(&self) -> (usize, u8) {
        (1 << self.window_bits, 0)
    }
}

/// LZX data on their way.
pub(crate) struct LzxFrames {
    stepped: Stepped<Lzx>,
    frame: BytesMut,
    /// Bytes that are out.
    shown: u64,
    ended: Option<Decoded>,
}

impl LzxFrames {
    /// Data that unpack to `size` bytes, in a window of `window_bits`; all begins anew after each
    /// `reset` bytes, if it does.
    pub(crate) fn new(
        window_bits: u32,
        reset: Option<u64>,
        size: u64,
        limits: &Limits,
    ) -> Result<Self, Unscannable> {
        if !WINDOW_BITS.contains(&window_bits) || reset.is_some_and(|reset| reset % FRAME != 0) {
            return Err(Unscannable::Unsupported);
        }
        let reset = reset.filter(|reset| *reset > 0);
        let sizes = Sizes { packed: None, unpacked: size };
        let stepped = Stepped::new(Lzx::new(window_bits, reset), sizes, limits);
        Ok(Self { stepped, frame: BytesMut::new(), shown: 0, ended: None })
    }

    /// Shows one frame.
    fn show(&mut self, out: &mut BytesMut) {
        let n = self.frame.len().min(FRAME as usize);
        let mut frame = self.frame.split_to(n);
        let calls = self.stepped.symbols().calls;
        if calls != 0 && self.shown < FRAMES_CHANGED * FRAME {
            restore_calls(&mut frame, self.shown as u32, calls);
        }
        self.shown += n as u64;
        out.put_slice(&frame);
    }
}

/// Appends to `out` the `size` bytes that a chunk of an image unpacks to, at the most as many as a window
/// of `window_bits` has.
///
/// # Errors
/// It makes no sense; as much as does is appended.
pub(crate) fn unpack_chunk(
    window_bits: u32,
    chunk: &[u8],
    size: usize,
    limits: &Limits,
    out: &mut Vec<u8>,
) -> Result<(), Unscannable> {
    let sizes = Sizes { packed: Some(chunk.len() as u64), unpacked: size as u64 };
    // Of all chunks together the ratio is looked at.
    let limits = Limits { ratio_floor_bytes: u64::MAX, ..limits.clone() };
    let mut stepped = Stepped::new(Lzx::chunk(window_bits), sizes, &limits);
    let (mut rest, mut frame) = (chunk, BytesMut::new());
    let whole = loop {
        let (used, decoded) = stepped.run(rest, &mut frame);
        rest = rest.get(used..).unwrap_or_default();
        match decoded {
            Decoded::More if rest.is_empty() && stepped.is_drained() => {
                break Err(Unscannable::Malformed);
            }
            Decoded::More => {}
            Decoded::Failed(reason) => break Err(reason),
            Decoded::End | Decoded::Foreign { .. } => break Ok(()),
        }
    };
    restore_calls(&mut frame, 0, CALLS);
    out.extend_from_slice(&frame);
    whole
}

/// Makes the targets of calls relative again, in a frame that begins at `start` of `all` bytes.
fn restore_calls(frame: &mut [u8], start: u32, all: u32) {
    let mut at = 0;
    while at + 10 < frame.len() {
        if frame.get(at) != Some(&0xe8) {
            at += 1;
            continue;
        }
        let Some(target) = frame.get_mut(at + 1..).and_then(|rest| rest.first_chunk_mut()) else {
            return;
        };
        let here = start.wrapping_add(at as u32) as i32;
        let absolute = i32::from_le_bytes(*target);
        if absolute >= here.wrapping_neg() && absolute < all as i32 {
            let relative = if absolute >= 0 {
                absolute.wrapping_sub(here)
            } else {
                absolute.wrapping_add(all as i32)
            };
            *target = relative.to_le_bytes();
        }
        at += 5;
    }
}

impl Transform for LzxFrames {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.frame.len() >= FRAME as usize {
            self.show(out);
            return (0, Decoded::More);
        }
        if let Some(ended) = self.ended {
            self.show(out);
            return (0, ended);
        }
        let (used, decoded) = self.stepped.run(input, &mut self.frame);
        if decoded != Decoded::More {
            self.ended = Some(decoded);
        }
        if self.frame.len() < FRAME as usize && self.ended.is_none() {
            return (used, Decoded::More);
        }
        self.show(out);
        let is_over = self.frame.is_empty();
        (used, self.ended.filter(|_| is_over).unwrap_or(Decoded::More))
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        while !self.frame.is_empty() {
            self.show(out);
        }
        self.stepped.finish(out)
    }

    fn is_drained(&self) -> bool {
        self.ended.is_none() && self.frame.len() < FRAME as usize && self.stepped.is_drained()
    }

    fn is_settled(&self) -> bool {
        self.frame.is_empty()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.stepped.work()
    }

    fn memory_max(&self) -> usize {
        self.stepped.memory_max() + 4 * FRAME as usize
    }
}
