//! The xz format (its specification, version 1.2.1): blocks of LZMA2, in any number of streams.
//!
//! Other filters may stand before it: those for programs, and differences.
//!
//! A chunk of LZMA2 has at most 64 KiB and is decoded when all of it has come. CRC-32 is compared;
//! the other checks are passed over: the content is looked at either way.

use bytes::BytesMut;
use crc32fast::Hasher;
use gateway_inspect::Unscannable;

use super::branch;
use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::lzma::{Properties, Stand, Symbols};
use super::range::Range;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

const MAGIC: &[u8] = b"\xfd7zXZ\0";
const HEADER_BYTES: usize = 12;
const FILTER_LZMA2: u64 = 0x21;
/// The most bytes that a record of the index takes: two numbers of nine bytes.
const NUMBER_BYTES_MAX: usize = 9;

/// xz data on their way.
pub(crate) struct Xz {
    state: State,
    /// Bytes of what is being read.
    have: Vec<u8>,
    symbols: Option<Box<Symbols>>,
    /// What is undone behind LZMA2, the first one first.
    filters: Vec<Box<dyn Transform>>,
    dictionary: usize,
    check_bytes: usize,
    crc: Hasher,
    /// Bytes of the block so far, packed: its padding depends on it.
    block: u64,
    any: bool,
    /// Whether there are chunks alone, which end with a mark.
    bare: bool,
    drained: bool,
    ratio: Ratio,
    window_max: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    StreamHeader,
    BlockHeader,
    Control,
    /// The header of a chunk, after its control byte.
    ChunkHeader {
        control: u8,
        len: usize,
    },
    Stored {
        left: usize,
    },
    /// A chunk that is gathered.
    Gather {
        packed: usize,
        unpacked: usize,
    },
    /// A chunk that is decoded.
    Chunk {
        at: usize,
        unpacked: usize,
    },
    Padding,
    Check,
    /// The index: numbers still to come, and bytes so far.
    Index {
        numbers: Option<u64>,
        bytes: u64,
    },
    IndexEnd {
        bytes: u64,
    },
    Footer,
    /// After a stream: padding, another one, or the end.
    Between {
        zeros: usize,
    },
}

impl Xz {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: State::StreamHeader,
            have: Vec::new(),
            symbols: None,
            filters: Vec::new(),
            dictionary: 0,
            check_bytes: 0,
            crc: Hasher::new(),
            block: 0,
            any: false,
            bare: false,
            drained: true,
            ratio: Ratio::new(limits),
            window_max: limits.window_bytes_max,
        }
    }

    /// Chunks of LZMA2 without anything around them, with a dictionary of the size that `bits` encode.
    pub(crate) fn chunks(bits: u8, limits: &Limits) -> Self {
        let dictionary = dictionary(bits).min(limits.window_bytes_max);
        Self { state: State::Control, dictionary, bare: true, ..Self::new(limits) }
    }

    /// Gathers up to `want` bytes: how many were used, and whether they are all there.
    fn gather(&mut self, input: &[u8], want: usize) -> (usize, bool) {
        let n = want.saturating_sub(self.have.len()).min(input.len());
        self.have.extend_from_slice(input.get(..n).unwrap_or_default());
        (n, self.have.len() >= want)
    }

    fn step(&mut self, input: &[u8], out: &mut BytesMut) -> Result<(usize, bool), Unscannable> {
        match self.state {
            State::StreamHeader => {
                let (n, all) = self.gather(input, HEADER_BYTES);
                if !MAGIC.starts_with(self.have.get(..MAGIC.len()).unwrap_or(&self.have)) {
                    return if self.any { Ok((0, true)) } else { Err(Unscannable::Malformed) };
                }
                if all {
                    let check = self.have.get(7).copied().unwrap_or(0) & 15;
                    self.check_bytes = match check {
                        0 => 0,
                        1..=3 => 4,
                        4..=6 => 8,
                        7..=9 => 16,
                        10..=12 => 32,
                        _ => 64,
                    };
                    self.go(State::BlockHeader);
                }
                Ok((n, false))
            }
            State::BlockHeader => self.block_header(input),
            State::Control | State::ChunkHeader { .. } | State::Stored { .. } => {
                self.chunk(input, out)
            }
            State::Gather { packed, unpacked } => {
                let (n, all) = self.gather(input, packed);
                self.block += n as u64;
                if all {
                    self.begin_chunk(unpacked)?;
                }
                Ok((n, false))
            }
            State::Chunk { at, unpacked } => self.decode(at, unpacked, out).map(|()| (0, false)),
            State::Padding => {
                let padding = (4 - self.block % 4) % 4;
                let (n, all) = self.gather(input, padding as usize);
                if all {
                    self.go(State::Check);
                }
                Ok((n, false))
            }
            State::Check => {
                let (n, all) = self.gather(input, self.check_bytes);
                if all {
                    let crc = std::mem::take(&mut self.crc).finalize();
                    if self.check_bytes == 4 && self.have != crc.to_le_bytes() {
                        return Err(Unscannable::Malformed);
                    }
                    self.go(State::BlockHeader);
                }
                Ok((n, false))
            }
            State::Index { .. } | State::IndexEnd { .. } => self.index(input),
            State::Footer => {
                let (n, all) = self.gather(input, HEADER_BYTES);
                if all {
                    if self.have.get(10..) != Some(b"YZ") {
                        return Err(Unscannable::Malformed);
                    }
                    self.any = true;
                    self.go(State::Between { zeros: 0 });
                }
                Ok((n, false))
            }
            State::Between { zeros } => {
                let n = input.iter().take_while(|b| **b == 0).count();
                self.state = State::Between { zeros: (zeros + n) % 4 };
                match input.get(n) {
                    None => Ok((n, false)),
                    Some(first) if *first == 0xfd => {
                        self.go(State::StreamHeader);
                        Ok((n, false))
                    }
                    Some(_) => Ok((n, true)),
                }
            }
        }
    }

    fn go(&mut self, state: State) {
        self.have.clear();
        self.state = state;
    }

    fn block_header(&mut self, input: &[u8]) -> Result<(usize, bool), Unscannable> {
        let (mut used, _) = self.gather(input, 1);
        let size = match self.have.first() {
            None => return Ok((used, false)),
            Some(0) => {
                self.go(State::Index { numbers: None, bytes: 1 });
                return Ok((used, false));
            }
            Some(size) => (usize::from(*size) + 1) * 4,
        };
        let (n, all) = self.gather(input.get(used..).unwrap_or_default(), size);
        used += n;
        if !all {
            return Ok((used, false));
        }
        let flags = self.have.get(1).copied().unwrap_or(0);
        let mut rest = self.have.get(2..size - 4).unwrap_or_default();
        for given in [flags & 0x40, flags & 0x80] {
            if given != 0 {
                number(&mut rest).ok_or(Unscannable::Malformed)?;
            }
        }
        self.filters.clear();
        for _ in 0..flags & 3 {
            let (id, len) = (number(&mut rest), number(&mut rest));
            let len = len.and_then(|len| usize::try_from(len).ok());
            let split = len.and_then(|len| rest.split_at_checked(len));
            let (properties, after) = split.ok_or(Unscannable::Malformed)?;
            let filter = branch::filter(id.unwrap_or(0), properties);
            // They are listed from the content on.
            self.filters.insert(0, filter.ok_or(Unscannable::Unsupported)?);
            rest = after;
        }
        if number(&mut rest) != Some(FILTER_LZMA2) {
            return Err(Unscannable::Unsupported);
        }
        let (length, bits) = (number(&mut rest), rest.first().copied().unwrap_or(0));
        if length != Some(1) || bits > 40 {
            return Err(Unscannable::Malformed);
        }
        self.dictionary = dictionary(bits).min(self.window_max);
        self.symbols = None;
        self.block = 0;
        self.go(State::Control);
        Ok((used, false))
    }

    /// The control byte of a chunk, its header, or stored bytes.
    fn chunk(&mut self, input: &[u8], out: &mut BytesMut) -> Result<(usize, bool), Unscannable> {
        let used = match self.state {
            State::Stored { left } => {
                let piece = input.get(..left.min(WINDOW)).unwrap_or(input);
                let mut plain = BytesMut::new();
                if let Some(symbols) = &mut self.symbols {
                    symbols.window.put_all(piece, &mut plain);
                }
                self.filtered(plain, out);
                let left = left - piece.len();
                self.state = if left == 0 { State::Control } else { State::Stored { left } };
                piece.len()
            }
            State::ChunkHeader { control, len } => {
                let (n, all) = self.gather(input, len);
                if all {
                    self.chunk_header(control)?;
                }
                n
            }
            _ => {
                let Some(control) = input.first().copied() else { return Ok((0, false)) };
                if control == 0 {
                    self.end_filters(out);
                }
                let state = match control {
                    0 if self.bare => return Ok((1, true)),
                    0 => State::Padding,
                    1 | 2 => State::ChunkHeader { control, len: 2 },
                    0x80..0xc0 => State::ChunkHeader { control, len: 4 },
                    0xc0.. => State::ChunkHeader { control, len: 5 },
                    _ => return Err(Unscannable::Malformed),
                };
                self.go(state);
                1
            }
        };
        self.block += used as u64;
        Ok((used, false))
    }

    /// Lets what came out of LZMA2 through the filters.
    fn filtered(&mut self, plain: BytesMut, out: &mut BytesMut) {
        let mut plain = plain;
        for filter in &mut self.filters {
            let mut next = BytesMut::with_capacity(plain.len());
            filter.run(&plain, &mut next);
            plain = next;
        }
        self.crc.update(&plain);
        out.extend_from_slice(&plain);
    }

    /// The block is over: so are its filters, in turn.
    fn end_filters(&mut self, out: &mut BytesMut) {
        for i in 0..self.filters.len() {
            let mut rest = BytesMut::new();
            let mut filters = self.filters.iter_mut().skip(i);
            if let Some(filter) = filters.next() {
                // These never fail.
                let _ = filter.finish(&mut rest);
            }
            for filter in filters {
                let mut next = BytesMut::new();
                filter.run(&rest, &mut next);
                rest = next;
            }
            self.crc.update(&rest);
            out.extend_from_slice(&rest);
        }
        self.filters.clear();
    }

    fn chunk_header(&mut self, control: u8) -> Result<(), Unscannable> {
        let byte = |i: usize| usize::from(self.have.get(i).copied().unwrap_or(0));
        let size = (byte(0) << 8 | byte(1)) + 1;
        let resets_window = control == 1 || control >= 0xe0;
        if self.symbols.is_none() && !resets_window {
            return Err(Unscannable::Malformed);
        }
        if control < 0x80 {
            let window = self.dictionary;
            let plain = || Ok(Box::new(Symbols::new(Properties::read(0)?, window)));
            if self.symbols.is_none() {
                self.symbols = Some(plain()?);
            }
            if let (Some(symbols), true) = (&mut self.symbols, resets_window) {
                symbols.window.clear();
            }
            self.go(State::Stored { left: size });
            return Ok(());
        }
        let unpacked = (usize::from(control & 0x1f) << 16) + size;
        let packed = (byte(2) << 8 | byte(3)) + 1;
        let properties = match control {
            0xc0.. => Some(Properties::read(self.have.get(4).copied().unwrap_or(0xff))?),
            _ => None,
        };
        if self.symbols.is_none() {
            let properties = properties.ok_or(Unscannable::Malformed)?;
            self.symbols = Some(Box::new(Symbols::new(properties, self.dictionary)));
        }
        if let Some(symbols) = &mut self.symbols {
            if resets_window {
                symbols.window.clear();
            }
            if control >= 0xa0 {
                symbols.reset(properties);
            }
        }
        self.go(State::Gather { packed, unpacked });
        Ok(())
    }

    /// All of a chunk has come.
    fn begin_chunk(&mut self, unpacked: usize) -> Result<(), Unscannable> {
        let start = self.have.first_chunk::<5>().ok_or(Unscannable::Malformed)?;
        if let Some(symbols) = &mut self.symbols {
            symbols.range = Some(Range::new(*start).ok_or(Unscannable::Malformed)?);
        }
        self.state = State::Chunk { at: 5, unpacked };
        self.drained = false;
        Ok(())
    }

    fn decode(
        &mut self,
        at: usize,
        unpacked: usize,
        out: &mut BytesMut,
    ) -> Result<(), Unscannable> {
        let Some(symbols) = &mut self.symbols else { return Err(Unscannable::Malformed) };
        let input = self.have.get(at..).unwrap_or_default();
        let mut plain = BytesMut::new();
        let (used, stand) = symbols.run(input, true, unpacked.min(WINDOW), &mut plain);
        let left = unpacked.checked_sub(plain.len());
        self.filtered(plain, out);
        let left = left.ok_or(Unscannable::Malformed)?;
        match stand {
            Stand::Full if left == 0 => {
                self.drained = true;
                self.go(State::Control);
            }
            Stand::Full => self.state = State::Chunk { at: at + used, unpacked: left },
            Stand::Starved | Stand::Ended => return Err(Unscannable::Malformed),
            Stand::Failed(reason) => return Err(reason),
        }
        Ok(())
    }

    fn index(&mut self, input: &[u8]) -> Result<(usize, bool), Unscannable> {
        match self.state {
            State::Index { numbers: Some(0), bytes } => self.go(State::IndexEnd { bytes }),
            State::Index { numbers, bytes } => {
                let Some(byte) = input.first() else { return Ok((0, false)) };
                self.have.push(*byte);
                let bytes = bytes + 1;
                if byte & 0x80 != 0 && self.have.len() < NUMBER_BYTES_MAX {
                    self.state = State::Index { numbers, bytes };
                    return Ok((1, false));
                }
                let mut digits = &*self.have;
                let value = number(&mut digits).ok_or(Unscannable::Malformed)?;
                let left = numbers.map_or_else(|| value.saturating_mul(2), |left| left - 1);
                self.go(State::Index { numbers: Some(left), bytes });
                return Ok((1, false));
            }
            State::IndexEnd { bytes } => {
                let padding = ((4 - bytes % 4) % 4) as usize;
                let (n, all) = self.gather(input, padding + 4);
                if all {
                    self.go(State::Footer);
                }
                return Ok((n, false));
            }
            _ => {}
        }
        Ok((0, false))
    }

    /// Whether the next step needs no input.
    const fn is_waiting(&self) -> bool {
        !matches!(self.state, State::Chunk { .. } | State::Index { numbers: Some(0), .. })
    }
}

/// The size of a dictionary.
fn dictionary(bits: u8) -> usize {
    let size = (2 | usize::from(bits & 1)).checked_shl(u32::from(bits / 2) + 11);
    size.filter(|_| bits < 40).unwrap_or(usize::MAX)
}

/// A number of variable length.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for i in 0..NUMBER_BYTES_MAX {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

impl Transform for Xz {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let (mut used, before) = (0, out.len());
        loop {
            let rest = input.get(used..).unwrap_or_default();
            if rest.is_empty() && self.is_waiting() {
                break;
            }
            let at = out.len();
            let stepped = self.step(rest, out);
            let (n, over) = stepped.unwrap_or((0, true));
            used += n;
            if let Err(reason) = self.ratio.add(n, out.len() - at, out) {
                return (used, Decoded::Failed(reason));
            }
            match stepped {
                Err(reason) => return (used, Decoded::Failed(reason)),
                Ok(_) if over => return (used, Decoded::End),
                Ok(_) => {}
            }
            if out.len() - before >= WINDOW {
                break;
            }
        }
        (used, Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        match self.state {
            State::Between { zeros: 0 } => Ok(()),
            _ => Err(Unscannable::Malformed),
        }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        if matches!(self.state, State::Gather { .. }) { self.have.len() } else { 0 }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }

    fn unread(&self) -> &[u8] {
        if self.state == State::StreamHeader { &self.have } else { &[] }
    }

    fn memory_max(&self) -> usize {
        self.window_max + (192 << 10)
    }
}
