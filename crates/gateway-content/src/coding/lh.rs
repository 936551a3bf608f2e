//! The blocks of static prefix codes that LHA (`-lh4-` to `-lh7-`, `-lhx-`) and ARJ (methods 1 to 3) pack by.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::prefix_code::PrefixCode;
use super::stepped::{Sink, Symbols};

/// Symbols of literals and lengths, and bits of how many there are.
const LITERALS: usize = 510;
const LITERALS_BITS: u32 = 9;
/// The same of the lengths of those.
const LENGTHS: usize = 19;
const LENGTHS_BITS: u32 = 5;
/// Shortest match.
const MATCH_MIN: usize = 3;

/// How far a packer looks back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// `-lh4-` and `-lh5-`: 8 KiB.
    Lh5,
    /// `-lh6-`: 32 KiB.
    Lh6,
    /// `-lh7-`: 64 KiB.
    Lh7,
    /// `-lhx-`: 512 KiB.
    Lhx,
    /// ARJ: 26 KiB, for which the window of 32 KiB does.
    Arj,
}

/// The symbols.
pub(crate) struct Lh {
    reach: Reach,
    /// Symbols left in the block, and its codes.
    left: usize,
    literals: PrefixCode,
    distances: PrefixCode,
}

impl Lh {
    pub(crate) fn new(reach: Reach) -> Self {
        let none = || PrefixCode::only(0);
        Self { reach, left: 0, literals: none(), distances: none() }
    }

    /// The number of distance symbols, and the bits that say how many there are.
    const fn distances(&self) -> (usize, u32) {
        match self.reach {
            Reach::Lh5 => (14, 4),
            Reach::Lh6 => (16, 5),
            Reach::Lh7 | Reach::Arj => (17, 5),
            Reach::Lhx => (20, 5),
        }
    }

    fn read_block(&self, bits: &mut Bits<'_>) -> Result<(usize, PrefixCode, PrefixCode), Fault> {
        let symbols = bits.number(16)?;
        let lengths = read_lengths(bits, LENGTHS, LENGTHS_BITS, Some(3))?;
        let literals = read_literals(bits, &lengths)?;
        let (count, width) = self.distances();
        let distances = read_lengths(bits, count, width, None)?;
        // A block of none is one of all that 16 bits cannot say.
        Ok((if symbols == 0 { 1 << 16 } else { symbols }, literals, distances))
    }
}

/// A code of at most `count` symbols whose number takes `width` bits. Behind symbol `gap` there is
/// a run of symbols without a code.
fn read_lengths(
    bits: &mut Bits<'_>,
    count: usize,
    width: u32,
    gap: Option<usize>,
) -> Result<PrefixCode, Fault> {
    let used = bits.number(width)?;
    if used == 0 {
        return bits.take(width).map(|symbol| PrefixCode::only(symbol as u16));
    }
    if used > count {
        return Err(MALFORMED);
    }
    let mut lengths = Vec::with_capacity(count);
    while lengths.len() < used {
        let mut length = bits.take(3)?;
        if length == 7 {
            while bits.take(1)? == 1 {
                length += 1;
                if length > 16 {
                    return Err(MALFORMED);
                }
            }
        }
        lengths.push(length as u8);
        if Some(lengths.len()) == gap {
            let run = bits.number(2)?;
            lengths.resize(lengths.len() + run, 0);
        }
    }
    PrefixCode::new(&lengths)
}

fn read_literals(bits: &mut Bits<'_>, code: &PrefixCode) -> Result<PrefixCode, Fault> {
    let used = bits.number(LITERALS_BITS)?;
    if used == 0 {
        return bits.take(LITERALS_BITS).map(|symbol| PrefixCode::only(symbol as u16));
    }
    if used > LITERALS {
        return Err(MALFORMED);
    }
    let mut lengths: Vec<u8> = Vec::with_capacity(LITERALS);
    while lengths.len() < used {
        let run = match code.read(bits)? {
            0 => 1,
            1 => bits.number(4)? + 3,
            2 => bits.number(LITERALS_BITS)? + 20,
            symbol => {
                lengths.push((symbol - 2) as u8);
                continue;
            }
        };
        lengths.resize(lengths.len() + run, 0);
        if lengths.len() > LITERALS {
            return Err(MALFORMED);
        }
    }
    PrefixCode::new(&lengths)
}

impl Symbols for Lh {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.left == 0 {
            (self.left, self.literals, self.distances) = self.read_block(bits)?;
            return Ok(());
        }
        let symbol = self.literals.read(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            sink.byte(byte);
        } else {
            let distance = match self.distances.read(bits)? {
                0 => 0,
                // There are no more symbols than that; the window bounds the rest.
                width @ 1..=20 => (1 << (width - 1)) | bits.number(u32::from(width) - 1)?,
                _ => return Err(MALFORMED),
            };
            sink.copy(distance + 1, usize::from(symbol) - 256 + MATCH_MIN)?;
        }
        self.left -= 1;
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        let bytes = match self.reach {
            Reach::Lh5 => 8 << 10,
            Reach::Lh6 | Reach::Arj => 32 << 10,
            Reach::Lh7 => 64 << 10,
            Reach::Lhx => 512 << 10,
        };
        (bytes, b' ')
    }
}

/// The fastest way that ARJ packs by, method 4: no codes of its own.
pub(crate) struct ArjFastest;

/// A number in groups, each of twice as many as the one before: `from` bits for the first, `to`
/// for the last.
fn grouped(bits: &mut Bits<'_>, from: u32, to: u32) -> Result<usize, Fault> {
    let (mut width, mut base) = (from, 0);
    while width < to && bits.take(1)? == 1 {
        base += 1 << width;
        width += 1;
    }
    Ok(base + bits.number(width)?)
}

impl Symbols for ArjFastest {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        match grouped(bits, 0, 7)? {
            0 => {
                let byte = bits.take(8)? as u8;
                sink.byte(byte);
                Ok(())
            }
            len => {
                let distance = grouped(bits, 9, 13)? + 1;
                sink.copy(distance, len - 1 + MATCH_MIN)
            }
        }
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (32 << 10, b' ')
    }
}
