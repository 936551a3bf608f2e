//! Decoders that go from symbol to symbol, over bytes that come in any pieces: what of a symbol has
//! not come yet is waited for, and nothing of it counts before.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Work beside what comes out, until others have their turn.
const WORK_TURN: u64 = 1 << 20;
/// Bytes of a window that are there from the start.
const FILLED_MAX: usize = 4 << 10;

/// What is decoded, up to its size, with as much of it as may be referred to.
pub(crate) struct Sink<'a> {
    history: &'a mut History,
    out: &'a mut BytesMut,
    left: &'a mut u64,
    /// Whether more came than there is room for.
    is_over: &'a mut bool,
}

impl Sink<'_> {
    /// One byte.
    pub(crate) fn byte(&mut self, byte: u8) {
        if *self.left > 0 {
            *self.left -= 1;
            self.history.push(byte);
            self.out.put_u8(byte);
        } else {
            *self.is_over = true;
        }
    }

    /// `len` bytes that were seen `distance` bytes before.
    pub(crate) fn copy(&mut self, distance: usize, len: usize) -> Result<(), Fault> {
        if distance == 0 || distance > self.history.size {
            return Err(MALFORMED);
        }
        let room = usize::try_from(*self.left).map_or(len, |left| left.min(len));
        *self.is_over |= room < len;
        *self.left -= room as u64;
        let mut rest = room;
        while rest > 0 {
            let piece = self.history.repeat(distance, rest);
            self.out.extend_from_slice(piece);
            // None is empty, as there is room for a byte at least.
            rest -= piece.len().max(1).min(rest);
        }
        Ok(())
    }

    /// Bytes decoded so far, modulo the window.
    pub(crate) fn position(&self) -> usize {
        self.history.at
    }
}

/// The bytes decoded last, of `size`. As many are held as have come: small members, of which there may be many,
/// say that they need large windows.
struct History {
    ring: Vec<u8>,
    at: usize,
    size: usize,
    /// What stands where nothing has come.
    fill: u8,
}

impl History {
    /// Before anything was decoded.
    fn new(symbols: &impl Symbols) -> Self {
        let (size, fill) = symbols.window();
        let mut ring = vec![fill; size.min(FILLED_MAX)];
        symbols.fill(&mut ring);
        Self { ring, at: 0, size, fill }
    }

    fn push(&mut self, byte: u8) {
        self.grow(1);
        if let Some(slot) = self.ring.get_mut(self.at) {
            *slot = byte;
        }
        self.go_on(1);
    }

    /// There is room for `count` bytes more, as far as the window goes.
    fn grow(&mut self, count: usize) {
        let end = self.at.saturating_add(count).min(self.size);
        if end > self.ring.len() {
            let len = self.size.min(end.max(2 * self.ring.len()));
            self.ring.resize(len, self.fill);
        }
    }

    fn go_on(&mut self, count: usize) {
        self.at += count;
        if self.at == self.size {
            self.at = 0;
        }
    }

    /// Repeats what was seen `distance` bytes before, for up to `len` bytes: those that stand in one piece.
    fn repeat(&mut self, distance: usize, len: usize) -> &[u8] {
        let start = self.at;
        let is_before = distance <= start;
        let mut from = if is_before { start - distance } else { start + self.size - distance };
        let mut len = len.min(self.size - start).min(self.size - from);
        self.grow(len);
        if from >= self.ring.len() {
            // Nothing has come there.
            self.ring.get_mut(start..start + len).unwrap_or_default().fill(self.fill);
        } else {
            len = len.min(self.ring.len() - from);
            let (mut at, end) = (start, start + len);
            while at < end {
                // What was repeated once is repeated as a whole; what stands behind is not overwritten before it is read.
                let n = (end - at).min(if is_before { at - from } else { distance });
                self.ring.copy_within(from..from + n, at);
                at += n;
                from += if is_before { 0 } else { n };
            }
        }
        self.go_on(len);
        self.ring.get(start..start + len).unwrap_or_default()
    }
}

/// What a stream leaves to one that goes on from it.
pub(crate) struct Kept<S> {
    symbols: S,
    history: History,
}

impl<S: Symbols> Kept<S> {
    /// The format, as it stands.
    pub(crate) const fn symbols(&self) -> &S {
        &self.symbols
    }

    /// The same with other symbols for the next stream.
    pub(crate) fn with(self, next: impl FnOnce(S) -> S) -> Self {
        Self { symbols: next(self.symbols), history: self.history }
    }

    /// Bytes that it may hold at the most.
    pub(crate) fn memory_max(&self) -> usize {
        self.history.size + self.symbols.memory_max() + (16 << 10)
    }
}

/// A format, symbol by symbol.
pub(crate) trait Symbols: Send {
    /// Reads the next symbol and does what it says. When that is [`Fault::Short`], nothing of `self`
    /// and nothing decoded has changed.
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault>;

    /// All bytes have come out: reads what stands behind them and matters to a stream that goes on from this. What
    /// else stands there is told as a fault.
    fn close(&mut self, _bits: &mut Bits<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// No more bytes come than have: symbols that may take more wait no longer.
    fn end_of_input(&mut self) {}

    /// What it has cost beside what comes out, in bytes of output that take as long.
    fn work(&self) -> u64 {
        0
    }

    /// Whether the data may end here, though not all of the declared size has come out.
    fn may_end(&self) -> bool {
        false
    }

    /// In which order its bits come.
    fn order(&self) -> Order;

    /// Bytes that it may refer back, and what stands there before anything was decoded.
    fn window(&self) -> (usize, u8);

    /// Puts into the window what else stands there before anything was decoded, as seen from where the
    /// first byte goes. Of a window of more than [`FILLED_MAX`] bytes only the first of them are there.
    fn fill(&self, _window: &mut [u8]) {}

    /// Bytes that it may hold at the most, beyond the window and a few thousand.
    fn memory_max(&self) -> usize {
        0
    }
}

/// How long the data of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Packed bytes, where that is known: they are all taken.
    pub(crate) packed: Option<u64>,
    /// Bytes that come out.
    pub(crate) unpacked: u64,
}

/// The decoder.
pub(crate) struct Stepped<S> {
    symbols: S,
    history: History,
    /// Bytes that were taken and not used yet, and how many bits of the first are.
    waiting: BytesMut,
    bit: usize,
    /// Packed bytes yet to be taken, and bytes yet to come out.
    packed: Option<u64>,
    left: u64,
    ratio: Ratio,
    drained: bool,
    /// Whether all has come out, and only padding is left.
    over: bool,
    /// Whether what stands behind all bytes was read, and whether a stream may go on from there.
    closed: bool,
    is_spoilt: bool,
}

impl<S: Symbols> Stepped<S> {
    /// A stream of those sizes.
    pub(crate) fn new(symbols: S, sizes: Sizes, limits: &Limits) -> Self {
        let history = History::new(&symbols);
        Self::going_on(Kept { symbols, history }, sizes, limits)
    }

    /// One that goes on from another.
    pub(crate) fn going_on(kept: Kept<S>, sizes: Sizes, limits: &Limits) -> Self {
        let Kept { symbols, history } = kept;
        Self {
            history,
            symbols,
            waiting: BytesMut::new(),
            bit: 0,
            packed: sizes.packed,
            left: sizes.unpacked,
            ratio: Ratio::new(limits),
            // Of no bytes at all the end has to be told still.
            drained: sizes.packed != Some(0),
            over: false,
            closed: sizes.unpacked == 0,
            is_spoilt: false,
        }
    }

    /// The format, as it stands.
    pub(crate) const fn symbols(&self) -> &S {
        &self.symbols
    }

    /// What it leaves to a stream that goes on from it, if it came to its end and nothing else stood there; `instead`
    /// takes its place.
    pub(crate) fn kept(&mut self, instead: S) -> Option<Kept<S>> {
        if !self.over || self.is_spoilt {
            return None;
        }
        let history = std::mem::replace(&mut self.history, History::new(&instead));
        Some(Kept { symbols: std::mem::replace(&mut self.symbols, instead), history })
    }

    /// All has come out: reads what stands behind it, as far as it has come.
    fn close(&mut self) {
        let mut bits = Bits::new(&self.waiting, self.bit, self.symbols.order());
        match self.symbols.close(&mut bits) {
            Ok(()) => self.bit = bits.at(),
            Err(Fault::Short) if self.packed != Some(0) => return,
            Err(Fault::Short) => {}
            Err(Fault::Broken(_)) => self.is_spoilt = true,
        }
        self.closed = true;
    }

    /// Decodes what waits, as far as it goes and there is room.
    fn decode(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let before = out.len();
        let order = self.symbols.order();
        self.drained = true;
        if self.packed == Some(0) {
            self.symbols.end_of_input();
        }
        let until = self.symbols.work().saturating_add(WORK_TURN);
        while self.left > 0 {
            if out.len() - before >= WINDOW || self.symbols.work() > until {
                self.drained = false;
                break;
            }
            let mut bits = Bits::new(&self.waiting, self.bit, order);
            let mut sink = Sink {
                history: &mut self.history,
                out: &mut *out,
                left: &mut self.left,
                is_over: &mut self.is_spoilt,
            };
            match self.symbols.step(&mut bits, &mut sink) {
                Ok(()) => self.bit = bits.at(),
                Err(Fault::Short) if self.packed == Some(0) => return Err(Unscannable::Malformed),
                Err(Fault::Short) => break,
                Err(Fault::Broken(reason)) => return Err(reason),
            }
        }
        if self.left == 0 && !self.closed {
            self.close();
        }
        let used = match order {
            Order::HighOfPairs => self.bit / 16 * 2,
            Order::High | Order::Low => self.bit / 8,
        };
        let _ = self.waiting.split_to(used.min(self.waiting.len()));
        self.bit -= 8 * used;
        Ok(())
    }

    /// All has come out: takes what is left of the packed bytes, whatever it is.
    fn end(&mut self, input: &[u8]) -> (usize, Decoded) {
        match &mut self.packed {
            None => {
                let used = self.bit.div_ceil(8).min(self.waiting.len());
                let _ = self.waiting.split_to(used);
                self.bit = 0;
                (0, Decoded::End)
            }
            Some(left) => {
                self.waiting.clear();
                let n = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= n as u64;
                self.drained = true;
                (n, if *left == 0 { Decoded::End } else { Decoded::More })
            }
        }
    }
}

impl<S: Symbols> Transform for Stepped<S> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.left == 0 && self.closed {
            self.over = true;
            return self.end(input);
        }
        let input = self.ratio.of_step(input, self.drained);
        let bound = self.packed.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
        let input = input.get(..bound).unwrap_or(input);
        self.waiting.extend_from_slice(input);
        self.packed = self.packed.map(|packed| packed - input.len() as u64);
        let before = out.len();
        let decoded = self.decode(out);
        if let Err(reason) = self.ratio.add(input.len(), out.len() - before, out) {
            return (input.len(), Decoded::Failed(reason));
        }
        if let Err(reason) = decoded {
            return (input.len(), Decoded::Failed(reason));
        }
        self.over = self.left == 0 && self.closed;
        if self.over && self.packed.is_none_or(|packed| packed == 0) {
            return (input.len(), self.end(&[]).1);
        }
        self.drained |= self.over;
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        let is_whole = self.left == 0 || self.symbols.may_end();
        if is_whole && self.packed.is_none() { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        self.waiting.len().saturating_sub(self.bit / 8)
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        // A symbol at a time it goes slower than other decoders do.
        self.ratio.work().saturating_mul(4).saturating_add(self.symbols.work())
    }

    fn memory_max(&self) -> usize {
        self.history.size + self.symbols.memory_max() + (16 << 10)
    }

    fn unread(&self) -> &[u8] {
        &self.waiting
    }
}
