//! Files of LZ4: frames, one after the other, of blocks of literals and matches (LZ4 Frame Format 1.6.4, LZ4
//! Block Format), and those of the form before it. Sums of frames are checked, those of single blocks are not:
//! the bytes are shown before.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use super::xxh32::Xxh32;
use crate::Limits;

pub(crate) const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// The form before frames: blocks to the end.
pub(crate) const LEGACY: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];
/// Of a frame with anything in it: the upper 28 bits.
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];
/// Bytes that a match may refer back.
const REACH: usize = 64 << 10;
/// Bytes that one turn writes at the most.
const STEP_MAX: usize = WINDOW / 2;
/// Shortest match.
const MATCH_MIN: u64 = 4;
/// Bytes of a block of the form before frames, and of any other, packed, at the most.
const BLOCK_MAX: u32 = (8 << 20) + (8 << 20) / 255 + 16;

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    /// Bytes behind each block that are its sum.
    block_sum: u64,
    /// Whether its content has one.
    has_sum: bool,
    is_legacy: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Magic,
    /// The header of a frame, of so many bytes behind the magic as far as is known.
    Header(usize),
    /// How long a frame is that is passed over.
    SkipLength,
    /// So many bytes that are passed over, and what comes then.
    Skip(u64, Behind),
    BlockLength,
    /// Bytes of a block as they are.
    Plain,
    /// A byte that tells of literals and a match.
    Token,
    /// More of how many literals there are, and how long the match is.
    Literals {
        count: u64,
        len: u8,
    },
    Copy {
        count: u64,
        len: u8,
    },
    Distance {
        len: u8,
    },
    Length {
        distance: usize,
        len: u64,
    },
    /// So many bytes of a match.
    Match {
        distance: usize,
        left: u64,
    },
    Sum,
}

/// What comes behind bytes that are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    Frame,
    Block,
}

/// A file on its way.
pub(crate) struct Lz4 {
    next: Next,
    frame: Frame,
    /// Bytes of the block at hand that are still to come.
    block: u32,
    /// Bytes of what comes next, as far as they are there.
    head: Vec<u8>,
    /// The bytes that came out last: at least those that may be referred to.
    history: Vec<u8>,
    sum: Xxh32,
    /// Whether there was a frame.
    any: bool,
    drained: bool,
    ratio: Ratio,
}

impl Lz4 {
    /// A file of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            next: Next::Magic,
            frame: Frame { block_sum: 0, has_sum: false, is_legacy: false },
            block: 0,
            head: Vec::new(),
            history: Vec::new(),
            sum: Xxh32::new(),
            any: false,
            drained: true,
            ratio: Ratio::new(limits),
        }
    }

    /// Takes bytes until `want` of what comes next are there: whether they are.
    fn fill(&mut self, input: &mut &[u8], want: usize) -> bool {
        let n = want.saturating_sub(self.head.len()).min(input.len());
        let (piece, rest) = input.split_at_checked(n).unwrap_or((input, &[]));
        self.head.extend_from_slice(piece);
        *input = rest;
        self.head.len() >= want
    }

    /// The number of four bytes that comes next.
    fn number(&mut self, input: &mut &[u8]) -> Option<u32> {
        if !self.fill(input, 4) {
            return None;
        }
        let number = self.head.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        self.head.clear();
        number
    }

    /// The byte of a block that comes next.
    fn byte(&mut self, input: &mut &[u8]) -> Result<Option<u8>, Unscannable> {
        if self.block == 0 {
            return Err(Unscannable::Malformed);
        }
        let Some((byte, rest)) = input.split_first() else { return Ok(None) };
        (*input, self.block) = (rest, self.block - 1);
        Ok(Some(*byte))
    }

    /// Makes room for some more bytes that may be referred to.
    fn trim(&mut self) {
        if self.history.len() >= 2 * REACH {
            self.history.drain(..self.history.len() - REACH);
        }
    }

    /// Bytes of the history from `start` on are new.
    fn show(&mut self, start: usize, out: &mut BytesMut) {
        let fresh = self.history.get(start..).unwrap_or_default();
        out.extend_from_slice(fresh);
        if self.frame.has_sum {
            self.sum.update(fresh);
        }
    }

    fn begin(&mut self, frame: Frame) {
        self.frame = frame;
        self.any = true;
        self.history.clear();
        self.sum = Xxh32::new();
        self.next = Next::BlockLength;
    }

    fn magic(&mut self, input: &mut &[u8]) -> Result<Step, Unscannable> {
        if !self.fill(input, 4) {
            return Ok(Step::Short);
        }
        let magic = self.head.first_chunk().copied().unwrap_or_default();
        match magic {
            MAGIC => self.next = Next::Header(3),
            LEGACY => {
                let frame = Frame { block_sum: 0, has_sum: false, is_legacy: true };
                self.begin(frame);
            }
            [0x50..=0x5f, rest @ ..] if rest == SKIPPABLE => self.next = Next::SkipLength,
            // What is behind the last frame is no part of it.
            _ if self.any => return Ok(Step::End),
            _ => return Err(Unscannable::Malformed),
        }
        self.head.clear();
        Ok(Step::On)
    }

    fn header(&mut self, input: &mut &[u8], want: usize) -> Result<Step, Unscannable> {
        if !self.fill(input, want) {
            return Ok(Step::Short);
        }
        let flags = self.head.first().copied().unwrap_or(0);
        let whole = 3 + if flags & 8 != 0 { 8 } else { 0 } + if flags & 1 != 0 { 4 } else { 0 };
        if want < whole {
            self.next = Next::Header(whole);
            return Ok(Step::On);
        }
        let (check, described) = self.head.split_last().ok_or(Unscannable::Malformed)?;
        let mut sum = Xxh32::new();
        sum.update(described);
        if flags >> 6 != 1 || (sum.finish() >> 8) as u8 != *check {
            return Err(Unscannable::Malformed);
        }
        if flags & 1 != 0 {
            // What the dictionary says is not here.
            return Err(Unscannable::Unsupported);
        }
        self.head.clear();
        let block_sum = if flags & 0x10 != 0 { 4 } else { 0 };
        self.begin(Frame { block_sum, has_sum: flags & 4 != 0, is_legacy: false });
        Ok(Step::On)
    }

    fn block_length(&mut self, input: &mut &[u8]) -> Result<Step, Unscannable> {
        if self.frame.is_legacy {
            if !self.fill(input, 4) {
                return Ok(Step::Short);
            }
            let begins = self.head.first_chunk().copied().unwrap_or_default();
            if u32::from_le_bytes(begins) > BLOCK_MAX {
                // Another frame, or something else.
                self.next = Next::Magic;
                return Ok(Step::On);
            }
        }
        let Some(length) = self.number(input) else { return Ok(Step::Short) };
        self.block = length & 0x7fff_ffff;
        self.next = match length {
            0 if self.frame.has_sum => Next::Sum,
            0 if !self.frame.is_legacy => Next::Magic,
            _ if self.block > BLOCK_MAX => return Err(Unscannable::Malformed),
            _ if length == self.block => Next::Token,
            _ => Next::Plain,
        };
        Ok(Step::On)
    }

    fn end_block(&mut self) {
        self.next = match self.frame.block_sum {
            0 => Next::BlockLength,
            bytes => Next::Skip(bytes, Behind::Block),
        };
    }

    /// Copies `count` bytes of a block, as far as they have come.
    fn copy(&mut self, input: &mut &[u8], count: u64, out: &mut BytesMut) -> u64 {
        let n = usize::try_from(count).unwrap_or(usize::MAX).min(input.len()).min(STEP_MAX);
        let (piece, rest) = input.split_at_checked(n).unwrap_or((input, &[]));
        self.trim();
        let start = self.history.len();
        self.history.extend_from_slice(piece);
        self.show(start, out);
        *input = rest;
        self.block -= piece.len() as u32;
        count - piece.len() as u64
    }

    /// Does what comes next of a block.
    fn sequence(&mut self, input: &mut &[u8], out: &mut BytesMut) -> Result<Step, Unscannable> {
        self.next = match self.next {
            Next::Plain | Next::Token if self.block == 0 => {
                self.end_block();
                return Ok(Step::On);
            }
            Next::Plain if input.is_empty() => return Ok(Step::Short),
            Next::Plain => {
                self.copy(input, self.block.into(), out);
                Next::Plain
            }
            Next::Token => {
                let Some(token) = self.byte(input)? else { return Ok(Step::Short) };
                match (u64::from(token >> 4), token & 15) {
                    (15, len) => Next::Literals { count: 15, len },
                    (count, len) => Next::Copy { count, len },
                }
            }
            Next::Literals { count, len } => {
                let Some(more) = self.byte(input)? else { return Ok(Step::Short) };
                let count = count + u64::from(more);
                if more == 255 { Next::Literals { count, len } } else { Next::Copy { count, len } }
            }
            // The last literals of a block end it.
            Next::Copy { count: 0, .. } if self.block == 0 => Next::Token,
            Next::Copy { count: 0, len } => Next::Distance { len },
            Next::Copy { count, .. } if count > self.block.into() => {
                return Err(Unscannable::Malformed);
            }
            Next::Copy { .. } if input.is_empty() => return Ok(Step::Short),
            Next::Copy { count, len } => {
                let count = self.copy(input, count, out);
                Next::Copy { count, len }
            }
            Next::Distance { len } => {
                while self.head.len() < 2 {
                    let Some(byte) = self.byte(input)? else { return Ok(Step::Short) };
                    self.head.push(byte);
                }
                let distance = self.head.first_chunk().map_or(0, |b| u16::from_le_bytes(*b));
                self.head.clear();
                let (distance, left) = (usize::from(distance), u64::from(len) + MATCH_MIN);
                if distance == 0 || distance > self.history.len() {
                    return Err(Unscannable::Malformed);
                }
                match len {
                    15 => Next::Length { distance, len: left },
                    _ => Next::Match { distance, left },
                }
            }
            Next::Length { distance, len } => {
                let Some(more) = self.byte(input)? else { return Ok(Step::Short) };
                let left = len + u64::from(more);
                match more {
                    255 => Next::Length { distance, len: left },
                    _ => Next::Match { distance, left },
                }
            }
            Next::Match { distance, left } => self.repeat(distance, left, out),
            other => other,
        };
        Ok(Step::On)
    }

    /// Writes as many bytes of a match as may come out at once.
    fn repeat(&mut self, distance: usize, left: u64, out: &mut BytesMut) -> Next {
        self.trim();
        let start = self.history.len();
        let from = start.saturating_sub(distance);
        let mut n = usize::try_from(left).unwrap_or(usize::MAX).min(STEP_MAX);
        let after = left - n as u64;
        while n > 0 {
            // What was repeated once is repeated as a whole.
            let piece = n.min(self.history.len() - from);
            self.history.extend_from_within(from..from + piece);
            n -= piece;
        }
        self.show(start, out);
        if after == 0 { Next::Token } else { Next::Match { distance, left: after } }
    }

    fn step(&mut self, input: &mut &[u8], out: &mut BytesMut) -> Result<Step, Unscannable> {
        match self.next {
            Next::Magic => self.magic(input),
            Next::Header(want) => self.header(input, want),
            Next::SkipLength => {
                let Some(length) = self.number(input) else { return Ok(Step::Short) };
                self.next = Next::Skip(length.into(), Behind::Frame);
                Ok(Step::On)
            }
            Next::Skip(0, behind) => {
                self.any = true;
                self.next = match behind {
                    Behind::Frame => Next::Magic,
                    Behind::Block => Next::BlockLength,
                };
                Ok(Step::On)
            }
            Next::Skip(..) if input.is_empty() => Ok(Step::Short),
            Next::Skip(left, behind) => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                *input = input.get(n..).unwrap_or_default();
                self.next = Next::Skip(left - n as u64, behind);
                Ok(Step::On)
            }
            Next::BlockLength => self.block_length(input),
            Next::Sum => {
                let Some(sum) = self.number(input) else { return Ok(Step::Short) };
                self.next = Next::Magic;
                let is_right = sum == self.sum.finish();
                if is_right { Ok(Step::On) } else { Err(Unscannable::Malformed) }
            }
            _ => self.sequence(input, out),
        }
    }
}

/// Where a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    On,
    /// What comes next has not come.
    Short,
    End,
}

impl Transform for Lz4 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let (before, mut rest) = (out.len(), input);
        let decoded = loop {
            match self.step(&mut rest, out) {
                Ok(Step::On) if out.len() - before < STEP_MAX => continue,
                Ok(stand @ (Step::On | Step::Short)) => {
                    self.drained = stand == Step::Short;
                    break Decoded::More;
                }
                Ok(Step::End) => break Decoded::End,
                Err(reason) => break Decoded::Failed(reason),
            }
        };
        let used = input.len() - rest.len();
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        let is_over = match self.next {
            Next::Magic => self.any && self.head.is_empty(),
            Next::BlockLength => self.frame.is_legacy && self.head.is_empty(),
            _ => false,
        };
        if is_over { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work()
    }

    fn unread(&self) -> &[u8] {
        &self.head
    }

    fn memory_max(&self) -> usize {
        3 * REACH
    }
}
