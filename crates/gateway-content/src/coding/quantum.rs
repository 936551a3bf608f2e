//! Quantum, as cabinets are packed by it: an arithmetic code over counts that follow what comes, in frames
//! of 32 KiB, each with bytes of its own.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::stepped::{Sink, Symbols};

/// Bytes of a frame, and what stands behind the data of each.
const FRAME: usize = 32 << 10;
pub(crate) const FRAME_END: u8 = 0xff;
/// What a count grows by, and how high the sum of all may be.
const GROWTH: u32 = 8;
const SUM_MAX: u32 = 3_800;
/// Halvings until symbols are sorted, at first and later.
const HALVINGS: u32 = 4;
const HALVINGS_LATER: u32 = 50;
/// Literals are in four groups of so many; behind them come matches of three bytes, of four, of more.
const GROUP: usize = 64;
const MATCH_3: usize = 4;
const MATCH_4: usize = 5;
/// Slots of distances for matches of three and of four bytes, at the most.
const SLOTS_3: usize = 24;
const SLOTS_4: usize = 36;
/// Slots of lengths, and the shortest length that they tell.
const LENGTHS: usize = 27;
const LENGTH_MIN: usize = 5;

/// Symbols with their counts, each with those behind it.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    symbols: Vec<(u16, u32)>,
    halvings: u32,
}

impl Model {
    pub(crate) fn new(symbols: usize) -> Self {
        let symbols =
            (0..symbols as u16).map(|symbol| (symbol, symbols as u32 - u32::from(symbol)));
        Self { symbols: symbols.collect(), halvings: HALVINGS }
    }

    /// The counts from a place on; of all, from the first.
    pub(crate) fn sum(&self, place: usize) -> u32 {
        self.symbols.get(place).map_or(0, |(_, sum)| *sum)
    }

    /// The place of the symbol that `count` falls to, and the symbol.
    fn find(&self, count: u32) -> Option<(usize, u16)> {
        let place = self.symbols.iter().skip(1).take_while(|(_, sum)| *sum > count).count();
        self.symbols.get(place).map(|(symbol, _)| (place, *symbol))
    }

    /// The place of a symbol.
    #[cfg(test)]
    pub(crate) fn place(&self, symbol: usize) -> usize {
        self.symbols.iter().position(|(of, _)| usize::from(*of) == symbol).unwrap()
    }

    /// Counts the symbol at `place`.
    pub(crate) fn count(&mut self, place: usize) {
        self.symbols.iter_mut().take(place + 1).for_each(|(_, sum)| *sum += GROWTH);
        if self.sum(0) <= SUM_MAX {
            return;
        }
        self.halvings -= 1;
        if self.halvings > 0 {
            let mut behind = 0;
            for (_, sum) in self.symbols.iter_mut().rev() {
                *sum = (*sum >> 1).max(behind + 1);
                behind = *sum;
            }
        } else {
            self.halvings = HALVINGS_LATER;
            self.sort();
        }
    }

    /// Halves the counts and puts the highest first. Which of equal ones comes first is part of the format.
    fn sort(&mut self) {
        let sums: Vec<u32> = self.symbols.iter().map(|(_, sum)| *sum).chain([0]).collect();
        for ((_, sum), pair) in self.symbols.iter_mut().zip(sums.windows(2)) {
            if let [from, behind] = pair {
                *sum = (from - behind).div_ceil(2);
            }
        }
        let mut rest = self.symbols.as_mut_slice();
        while let Some((first, others)) = rest.split_first_mut() {
            for other in others.iter_mut() {
                if first.1 < other.1 {
                    std::mem::swap(first, other);
                }
            }
            rest = others;
        }
        let mut behind = 0;
        for (_, sum) in self.symbols.iter_mut().rev() {
            behind += *sum;
            *sum = behind;
        }
    }
}

/// Where the base of a slot is, and how many bits follow: of distances, and of lengths.
pub(crate) fn slot(number: usize) -> (usize, u32) {
    match number {
        0..=3 => (number, 0),
        _ => {
            let extra = number as u32 / 2 - 1;
            ((2 + (number & 1)) << extra, extra)
        }
    }
}

/// The same of lengths.
pub(crate) fn length_slot(number: usize) -> (usize, u32) {
    match number {
        0..=5 => (number, 0),
        6..=25 => {
            let extra = (number as u32 - 2) / 4;
            (((4 + (number - 2) % 4) << extra) - 2, extra)
        }
        _ => (254, 0),
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The first bits of a frame.
    Frame,
    /// Which kind of symbol.
    Kind,
    /// A byte of that group.
    Literal(usize),
    /// The slot of a length, and what follows it.
    Length,
    LengthBits(usize),
    /// The slot of a distance, by the model at that place, for a match of that length, and what follows
    /// it.
    Distance(usize, usize),
    DistanceBits(usize, usize),
    /// What stands behind the data of a frame: bits up to a byte, then bytes up to the mark.
    Align,
    Mark,
}

/// The symbols.
pub(crate) struct Quantum {
    window_bits: u32,
    next: Next,
    /// Bytes left of the frame.
    left: usize,
    /// The range that the code is in, and the code as far as it was read.
    low: u32,
    high: u32,
    code: u32,
    kinds: Model,
    /// Four groups of literals, then distances by the length of matches.
    models: [Model; 7],
    lengths: Model,
}

impl Quantum {
    /// Data in a window of so many bits, 10 to 21.
    pub(crate) fn new(window_bits: u32) -> Self {
        let slots = 2 * window_bits as usize;
        let group = || Model::new(GROUP);
        let (of_3, of_4) = (Model::new(slots.min(SLOTS_3)), Model::new(slots.min(SLOTS_4)));
        let models = [group(), group(), group(), group(), of_3, of_4, Model::new(slots)];
        let (kinds, lengths) = (Model::new(7), Model::new(LENGTHS));
        let next = Next::Frame;
        Self { window_bits, next, left: FRAME, low: 0, high: 0, code: 0, kinds, models, lengths }
    }

    /// Reads a symbol by a model.
    fn read(&mut self, bits: &mut Bits<'_>, of: Of) -> Result<usize, Fault> {
        let model = match of {
            Of::Kinds => &mut self.kinds,
            Of::Lengths => &mut self.lengths,
            Of::Other(place) => self.models.get_mut(place).ok_or(MALFORMED)?,
        };
        let (low, high, code) = (self.low, self.high, self.code);
        if !(low..=high).contains(&code) {
            return Err(MALFORMED);
        }
        let (range, sum) = (high - low + 1, model.sum(0));
        let (place, symbol) = model.find(((code - low + 1) * sum - 1) / range).ok_or(MALFORMED)?;
        let mut high = low + model.sum(place) * range / sum - 1;
        let mut low = low + model.sum(place + 1) * range / sum;
        let mut code = code;
        loop {
            if (low ^ high) & 0x8000 != 0 {
                if low & 0x4000 == 0 || high & 0x4000 != 0 {
                    break;
                }
                (low, high, code) = (low & 0x3fff, high | 0x4000, code ^ 0x4000);
            }
            let bit = bits.take(1)?;
            (low, high) = (low << 1 & 0xffff, (high << 1 | 1) & 0xffff);
            code = (code << 1 | bit) & 0xffff;
        }
        model.count(place);
        (self.low, self.high, self.code) = (low, high, code);
        Ok(symbol.into())
    }

    /// So many bytes of the frame came out.
    fn done(&mut self, len: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(len).ok_or(MALFORMED)?;
        self.next = if self.left == 0 { Next::Align } else { Next::Kind };
        Ok(())
    }

    /// What stands between frames.
    fn pass(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        match self.next {
            Next::Align => {
                bits.skip((8 - bits.at() % 8) as u32 % 8)?;
                self.next = Next::Mark;
            }
            Next::Mark => {
                if bits.take(8)? == u32::from(FRAME_END) {
                    (self.left, self.next) = (FRAME, Next::Frame);
                }
            }
            _ => {
                (self.low, self.high, self.code) = (0, 0xffff, bits.take(16)?);
                self.next = Next::Kind;
            }
        }
        Ok(())
    }
}

/// Which model.
#[derive(Clone, Copy)]
enum Of {
    Kinds,
    Lengths,
    Other(usize),
}

impl Symbols for Quantum {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        match self.next {
            Next::Frame | Next::Align | Next::Mark => self.pass(bits)?,
            Next::Kind => {
                self.next = match self.read(bits, Of::Kinds)? {
                    group @ 0..MATCH_3 => Next::Literal(group),
                    MATCH_3 => Next::Distance(MATCH_3, 3),
                    MATCH_4 => Next::Distance(MATCH_4, 4),
                    _ => Next::Length,
                };
            }
            Next::Literal(group) => {
                let byte = GROUP * group + self.read(bits, Of::Other(group))?;
                sink.byte(byte as u8);
                self.done(1)?;
            }
            Next::Length => self.next = Next::LengthBits(self.read(bits, Of::Lengths)?),
            Next::LengthBits(number) => {
                let (base, extra) = length_slot(number);
                let len = base + bits.number(extra)? + LENGTH_MIN;
                self.next = Next::Distance(MATCH_4 + 1, len);
            }
            Next::Distance(place, len) => {
                self.next = Next::DistanceBits(self.read(bits, Of::Other(place))?, len);
            }
            Next::DistanceBits(number, len) => {
                let (base, extra) = slot(number);
                let distance = base + bits.number(extra)? + 1;
                self.done(len)?;
                sink.copy(distance, len)?;
            }
        }
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (1 << self.window_bits, 0)
    }
}
