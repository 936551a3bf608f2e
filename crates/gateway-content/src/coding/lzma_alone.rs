//! LZMA streams with a header of their own: `.lzma` files, and method 14 of ZIP.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::lzma::{Properties, SYMBOL_BYTES_MAX, Stand, Symbols};
use super::range::Range;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Bytes that may wait to be decoded.
const PENDING_MAX: usize = 1 << 10;

/// An LZMA stream on its way.
pub(crate) struct LzmaAlone {
    layout: Layout,
    symbols: Option<Box<Symbols>>,
    /// Bytes that wait: of the header, or for those that follow.
    pending: Vec<u8>,
    /// Bytes that are still to come out, where that is known.
    left: Option<u64>,
    ended: bool,
    drained: bool,
    ratio: Ratio,
    window_max: usize,
}

/// What stands before the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Properties, size of the dictionary: what NSIS has. A mark ends the data.
    Bare,
    /// Properties, size of the dictionary, size of the content.
    File,
    /// Version, length of the properties, these: method 14 of ZIP, which gives the size itself.
    Zip,
}

impl Layout {
    /// Bytes of the header, those included with which the range decoder begins.
    const fn bytes(self) -> usize {
        match self {
            Self::Bare => 5 + 5,
            Self::File => 13 + 5,
            Self::Zip => 9 + 5,
        }
    }
}

impl LzmaAlone {
    /// A stream of which nothing was seen, that yields `size` bytes where that is known.
    pub(crate) fn new(layout: Layout, size: Option<u64>, limits: &Limits) -> Self {
        Self {
            layout,
            symbols: None,
            pending: Vec::new(),
            left: size,
            ended: false,
            drained: true,
            ratio: Ratio::new(limits),
            window_max: limits.window_bytes_max,
        }
    }

    /// Whether one more byte belongs to the data, behind the mark of their end.
    pub(super) fn is_due(&self) -> bool {
        self.symbols.as_ref().and_then(|symbols| symbols.range).is_some_and(|range| range.is_due())
    }

    fn read_header(&mut self) -> Result<(), Unscannable> {
        let at = match self.layout {
            Layout::Bare | Layout::File => 0,
            Layout::Zip => 4,
        };
        let byte = |i: usize| self.pending.get(i).copied().unwrap_or(0);
        if self.layout == Layout::Zip && (byte(2), byte(3)) != (5, 0) {
            return Err(Unscannable::Malformed);
        }
        let properties = Properties::read(byte(at))?;
        let dictionary =
            u32::from_le_bytes([byte(at + 1), byte(at + 2), byte(at + 3), byte(at + 4)]);
        if self.layout == Layout::File {
            let size: [u8; 8] = std::array::from_fn(|i| byte(5 + i));
            self.left = Some(u64::from_le_bytes(size)).filter(|size| *size != u64::MAX);
        }
        let header = self.layout.bytes();
        let start: [u8; 5] = std::array::from_fn(|i| byte(header - 5 + i));
        // The dictionary may be larger than all that there is.
        let window = (dictionary as usize).max(4 << 10).min(self.window_max);
        let mut symbols = Box::new(Symbols::new(properties, window));
        symbols.range = Some(Range::new(start).ok_or(Unscannable::Malformed)?);
        self.symbols = Some(symbols);
        self.pending.clear();
        Ok(())
    }

    /// Decodes what waits.
    fn decode(&mut self, last: bool, taken: usize, out: &mut BytesMut) -> Decoded {
        let Some(symbols) = &mut self.symbols else { return Decoded::More };
        let before = out.len();
        let room =
            self.left.map_or(WINDOW, |left| usize::try_from(left).unwrap_or(WINDOW).min(WINDOW));
        let (used, stand) = symbols.run(&self.pending, last, room, out);
        self.pending.drain(..used);
        let produced = out.len() - before;
        self.drained = stand != Stand::Full;
        if let Err(reason) = self.ratio.add(taken, produced, out) {
            return Decoded::Failed(reason);
        }
        match &mut self.left {
            Some(left) if produced as u64 > *left => {
                return Decoded::Failed(Unscannable::Malformed);
            }
            Some(left) => *left -= produced as u64,
            None => {}
        }
        match stand {
            Stand::Failed(reason) => Decoded::Failed(reason),
            Stand::Ended => {
                self.ended = true;
                Decoded::End
            }
            Stand::Starved | Stand::Full if self.left == Some(0) => {
                self.ended = true;
                self.drained = true;
                Decoded::End
            }
            Stand::Starved | Stand::Full => Decoded::More,
        }
    }
}

impl Transform for LzmaAlone {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.symbols.is_none() {
            let want = self.layout.bytes() - self.pending.len();
            let head = input.get(..want).unwrap_or(input);
            self.pending.extend_from_slice(head);
            if self.pending.len() < self.layout.bytes() {
                return (head.len(), Decoded::More);
            }
            let decoded = match self.read_header() {
                Ok(()) => self.decode(false, self.layout.bytes(), out),
                Err(reason) => Decoded::Failed(reason),
            };
            return (head.len(), decoded);
        }
        let input = self.ratio.of_step(input, self.drained);
        let room = PENDING_MAX - self.pending.len().min(PENDING_MAX);
        let taken = input.get(..room).unwrap_or(input);
        self.pending.extend_from_slice(taken);
        let taken = taken.len();
        (taken, self.decode(false, taken, out))
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        // What waits is less than what one symbol may take, so little can come of it.
        while !self.ended {
            let waiting = self.pending.len();
            match self.decode(true, 0, out) {
                Decoded::End => return Ok(()),
                Decoded::Failed(reason) => return Err(reason),
                _ if self.pending.len() == waiting => return Err(Unscannable::Malformed),
                _ => debug_assert!(waiting <= PENDING_MAX + SYMBOL_BYTES_MAX, "bounded"),
            }
        }
        Ok(())
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        self.pending.len()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }

    fn unread(&self) -> &[u8] {
        &self.pending
    }

    fn memory_max(&self) -> usize {
        self.window_max + (64 << 10)
    }
}
