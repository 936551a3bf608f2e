//! The methods of LHarc and of the first LHA: `-lh1-` with a code that changes and one that stands,
//! `-lh2-` with two that change, `-lh3-` with blocks of codes.

use std::sync::LazyLock;

use super::adaptive::AdaptiveCode;
use super::bits::{Bits, Fault, Order};
use super::prefix_code::PrefixCode;
use super::stepped::{Sink, Symbols};

/// Shortest match, and the symbol of it.
const MATCH_MIN: usize = 3;
const MATCH: usize = 256;
/// Symbols of literals and lengths of `-lh1-`.
const LITERALS_1: usize = 314;
/// The same of the others. The last of them has a byte behind it, to be added.
const LITERALS: usize = 286;
/// Bits of a distance that are no part of a code.
const LOW_BITS: u32 = 6;
/// Windows.
const WINDOW_1: usize = 4 << 10;
const WINDOW: usize = 8 << 10;

/// Codes of distances that stand: the length of the first, and from which symbols on they are longer by one
/// bit each.
const LONGER_1: (u8, [usize; 5]) = (3, [1, 4, 12, 24, 48]);
const LONGER_3: (u8, [usize; 7]) = (2, [1, 1, 3, 6, 13, 31, 78]);

/// What each stream begins with: there may be many short ones.
static BEGUN_1: LazyLock<AdaptiveCode> = LazyLock::new(|| AdaptiveCode::new(LITERALS_1));
static BEGUN: LazyLock<AdaptiveCode> = LazyLock::new(|| AdaptiveCode::new(LITERALS));

/// The first of these.
static DISTANCES_1: LazyLock<PrefixCode> = LazyLock::new(|| {
    let (first, longer) = LONGER_1;
    let distances = PrefixCode::new(&lengths(first, &longer, WINDOW_1 >> LOW_BITS));
    distances.unwrap_or_else(|_| PrefixCode::only(0))
});

/// The lengths of such codes.
fn lengths(first: u8, longer: &[usize], symbols: usize) -> Vec<u8> {
    (0..symbols)
        .map(|symbol| first + longer.iter().filter(|from| **from <= symbol).count() as u8)
        .collect()
}

/// A distance from its code on.
fn distance(high: usize, bits: &mut Bits<'_>) -> Result<usize, Fault> {
    Ok((high << LOW_BITS | bits.number(LOW_BITS)?) + 1)
}

/// The symbols of `-lh1-`.
pub(crate) struct Lh1 {
    literals: AdaptiveCode,
}

impl Lh1 {
    pub(crate) fn new() -> Self {
        Self { literals: BEGUN_1.clone() }
    }
}

impl Symbols for Lh1 {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let symbol = self.literals.read(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            sink.byte(byte);
        } else {
            let distance = distance(DISTANCES_1.read(bits)?.into(), bits)?;
            sink.copy(distance, symbol - MATCH + MATCH_MIN)?;
        }
        self.literals.count_one(symbol);
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (WINDOW_1, b' ')
    }
}

/// The symbols of `-lh2-`.
pub(crate) struct Lh2 {
    literals: AdaptiveCode,
    distances: AdaptiveCode,
    /// Bytes that came out, and after how many more distances there is a symbol more.
    done: usize,
    grows_at: usize,
}

impl Lh2 {
    pub(crate) fn new() -> Self {
        Self {
            literals: BEGUN.clone(),
            distances: AdaptiveCode::only(),
            done: 0,
            grows_at: 1 << LOW_BITS,
        }
    }

    /// There are symbols for all distances that can be.
    fn grow(&mut self) {
        while self.done > self.grows_at && self.grows_at < WINDOW {
            self.distances.add();
            self.grows_at += 1 << LOW_BITS;
        }
    }
}

impl Symbols for Lh2 {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let symbol = self.literals.read(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            self.literals.count_one(symbol);
            sink.byte(byte);
            self.done += 1;
            return Ok(());
        }
        let more = if symbol == LITERALS - 1 { bits.number(8)? } else { 0 };
        // What has come by now tells that, so it does not matter if more of the symbol is missing.
        self.grow();
        let high = self.distances.read(bits)?;
        let distance = distance(high, bits)?;
        let len = symbol + more - MATCH + MATCH_MIN;
        sink.copy(distance, len)?;
        self.literals.count_one(symbol);
        self.distances.count_one(high);
        self.done += len;
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (WINDOW, b' ')
    }
}

/// The symbols of `-lh3-`.
pub(crate) struct Lh3 {
    /// Symbols left in the block, and its codes.
    left: usize,
    literals: PrefixCode,
    distances: PrefixCode,
}

impl Lh3 {
    pub(crate) fn new() -> Self {
        let none = || PrefixCode::only(0);
        Self { left: 0, literals: none(), distances: none() }
    }
}

/// Reads a code of which each length is read by `read`. Of one that begins with three lengths of one
/// bit, which cannot be, there is but one symbol, told by `only` bits.
fn read_code(
    bits: &mut Bits<'_>,
    symbols: usize,
    only: u32,
    read: fn(&mut Bits<'_>) -> Result<u32, Fault>,
) -> Result<PrefixCode, Fault> {
    let mut lengths = Vec::with_capacity(symbols);
    while lengths.len() < symbols {
        lengths.push(read(bits)? as u8);
        if lengths == [1; 3] {
            return bits.take(only).map(|symbol| PrefixCode::only(symbol as u16));
        }
    }
    PrefixCode::new(&lengths)
}

fn read_block(bits: &mut Bits<'_>) -> Result<Lh3, Fault> {
    let left = bits.number(16)?;
    let literals = read_code(bits, LITERALS, 9, |bits| match bits.take(1)? {
        0 => Ok(0),
        _ => bits.take(4).map(|length| length + 1),
    })?;
    let symbols = WINDOW >> LOW_BITS;
    let distances = if bits.take(1)? == 1 {
        read_code(bits, symbols, 7, |bits| bits.take(4))?
    } else {
        let (first, longer) = LONGER_3;
        PrefixCode::new(&lengths(first, &longer, symbols))?
    };
    // A block of none is one of all that 16 bits cannot say.
    Ok(Lh3 { left: if left == 0 { 1 << 16 } else { left }, literals, distances })
}

impl Symbols for Lh3 {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.left == 0 {
            *self = read_block(bits)?;
            return Ok(());
        }
        let symbol = usize::from(self.literals.read(bits)?);
        if let Ok(byte) = u8::try_from(symbol) {
            sink.byte(byte);
        } else {
            let more = if symbol == LITERALS - 1 { bits.number(8)? } else { 0 };
            let distance = distance(self.distances.read(bits)?.into(), bits)?;
            sink.copy(distance, symbol + more - MATCH + MATCH_MIN)?;
        }
        self.left -= 1;
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (WINDOW, b' ')
    }
}
