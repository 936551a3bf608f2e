//! One block, piece by piece: which bytes it has, its codes, and its symbols up to the end.

use super::super::bits::{Fault, MALFORMED};
use super::code::{CODE_BITS_MAX, Code, SYMBOLS_MAX};
use super::reader::Reader;
use super::sorted::Sorted;

/// Codes of a block, at the most and at the least.
const CODES_MAX: usize = 6;
const CODES_MIN: usize = 2;
/// Symbols that are read by one code before the next one is chosen.
const GROUP: usize = 50;
/// Choices that a block of the largest size can ask for; what comes beyond is not used.
const CHOICES_MAX: usize = 18_002;
/// Digits of the length of a run, at the most: it has less than two million bytes.
const RUN_DIGITS_MAX: u32 = 21;

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The sum of what comes out.
    Sum,
    /// Whether it is random, and where its first byte is.
    Origin,
    /// Which sixteenths of the bytes it has.
    Sixteenths,
    /// Which bytes of those, from this sixteenth on.
    Bytes(u32),
    /// How many codes there are, and how many choices of one.
    Counts,
    /// The choices, from this one on.
    Choices(usize),
    /// The first length of this code.
    FirstLength(usize),
    /// The length of a symbol of a code, as far as it is known.
    Length { code: usize, symbol: usize, length: u8 },
    /// Symbols.
    Symbols,
}

/// What is read of a block.
pub(super) struct Block {
    next: Next,
    sum: u32,
    is_random: bool,
    origin: usize,
    /// Bits for the sixteenths, the highest for the first.
    sixteenths: u16,
    /// Bytes by their place, and how many there are.
    places: [u8; 256],
    bytes: usize,
    codes: [Code; CODES_MAX],
    code_count: usize,
    choices: Vec<u8>,
    choice_count: usize,
    /// Codes by the place they have in the choice.
    order: [u8; CODES_MAX],
    lengths: [u8; SYMBOLS_MAX],
    /// How many symbols were read.
    symbols: usize,
    /// The run that is being read, and how many digits of its length were.
    run: usize,
    digits: u32,
}

impl Block {
    pub(super) const fn new() -> Self {
        Self {
            next: Next::Sum,
            sum: 0,
            is_random: false,
            origin: 0,
            sixteenths: 0,
            places: [0; 256],
            bytes: 0,
            codes: [const { Code::new() }; CODES_MAX],
            code_count: 0,
            choices: Vec::new(),
            choice_count: 0,
            order: [0, 1, 2, 3, 4, 5],
            lengths: [0; SYMBOLS_MAX],
            symbols: 0,
            run: 0,
            digits: 0,
        }
    }

    /// Begins a block.
    pub(super) fn begin(&mut self) {
        self.next = Next::Sum;
        self.bytes = 0;
        self.choices.clear();
        self.order = [0, 1, 2, 3, 4, 5];
        (self.symbols, self.run, self.digits) = (0, 0, 0);
    }

    /// The sum that it should have.
    pub(super) const fn sum(&self) -> u32 {
        self.sum
    }

    /// Reads on, up to the end of the block: then all of it is in `sorted`.
    pub(super) fn run(
        &mut self,
        reader: &mut Reader<'_>,
        sorted: &mut Sorted,
    ) -> Result<(), Fault> {
        loop {
            match self.next {
                Next::Sum => {
                    self.sum = reader.take(32)? as u32;
                    self.next = Next::Origin;
                }
                Next::Origin => {
                    let bits = reader.take(25)?;
                    self.is_random = bits >> 24 == 1;
                    self.origin = (bits & 0xff_ffff) as usize;
                    self.next = Next::Sixteenths;
                }
                Next::Sixteenths => {
                    self.sixteenths = reader.take(16)? as u16;
                    self.next = Next::Bytes(0);
                }
                Next::Bytes(sixteenth) => self.read_bytes(reader, sixteenth)?,
                Next::Counts => self.counts(reader)?,
                Next::Choices(at) => self.choices(reader, at)?,
                Next::FirstLength(code) => {
                    let length = reader.take(5)? as u8;
                    self.next = Next::Length { code, symbol: 0, length };
                }
                Next::Length { code, symbol, length } => {
                    self.lengths(reader, code, symbol, length)?;
                }
                Next::Symbols => {
                    self.symbols(reader, sorted)?;
                    return sorted.order(self.origin, self.is_random);
                }
            }
        }
    }

    fn read_bytes(&mut self, reader: &mut Reader<'_>, from: u32) -> Result<(), Fault> {
        for sixteenth in from..16 {
            if self.sixteenths >> (15 - sixteenth) & 1 == 0 {
                continue;
            }
            self.next = Next::Bytes(sixteenth);
            let bits = reader.take(16)?;
            for at in (0..16).filter(|at| bits >> (15 - at) & 1 == 1) {
                if let Some(place) = self.places.get_mut(self.bytes) {
                    *place = (16 * sixteenth + at) as u8;
                }
                self.bytes += 1;
            }
        }
        self.next = Next::Counts;
        if self.bytes == 0 { Err(MALFORMED) } else { Ok(()) }
    }

    fn counts(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        let bits = reader.take(18)? as usize;
        (self.code_count, self.choice_count) = (bits >> 15, bits & 0x7fff);
        self.next = Next::Choices(0);
        let is_known = (CODES_MIN..=CODES_MAX).contains(&self.code_count);
        if is_known && self.choice_count > 0 { Ok(()) } else { Err(MALFORMED) }
    }

    /// Each choice is a place, in ones; what was chosen last has the first.
    fn choices(&mut self, reader: &mut Reader<'_>, from: usize) -> Result<(), Fault> {
        for at in from..self.choice_count {
            if reader.count() < CODES_MAX as u32 {
                reader.refill();
            }
            let place = (!reader.bits()).leading_zeros().min(reader.count());
            if place as usize >= self.code_count {
                return Err(MALFORMED);
            }
            if place == reader.count() {
                self.next = Next::Choices(at);
                return Err(Fault::Short);
            }
            reader.skip(place + 1);
            let chosen = self.order.get_mut(..=place as usize).unwrap_or_default();
            chosen.rotate_right(1);
            if let (Some(code), true) = (chosen.first(), at < CHOICES_MAX) {
                self.choices.push(*code);
            }
        }
        self.next = Next::FirstLength(0);
        Ok(())
    }

    /// The lengths of a code: each is told by how it differs from the one before.
    fn lengths(
        &mut self,
        reader: &mut Reader<'_>,
        code: usize,
        mut symbol: usize,
        mut length: u8,
    ) -> Result<(), Fault> {
        let count = self.bytes + 2;
        while symbol < count {
            if !(1..=CODE_BITS_MAX as u8).contains(&length) {
                return Err(MALFORMED);
            }
            if reader.count() < 2 {
                reader.refill();
            }
            let (bits, have) = (reader.bits() >> 62, reader.count());
            if have == 0 || have == 1 && bits >> 1 == 1 {
                self.next = Next::Length { code, symbol, length };
                return Err(Fault::Short);
            }
            if bits >> 1 == 0 {
                reader.skip(1);
                if let Some(slot) = self.lengths.get_mut(symbol) {
                    *slot = length;
                }
                symbol += 1;
            } else {
                reader.skip(2);
                length = if bits & 1 == 0 { length + 1 } else { length - 1 };
            }
        }
        let lengths = self.lengths.get(..count).unwrap_or(&self.lengths);
        self.codes.get_mut(code).ok_or(MALFORMED)?.set(lengths)?;
        let is_last = code + 1 == self.code_count;
        self.next = if is_last { Next::Symbols } else { Next::FirstLength(code + 1) };
        Ok(())
    }

    fn symbols(&mut self, reader: &mut Reader<'_>, sorted: &mut Sorted) -> Result<(), Fault> {
        let end = self.bytes + 1;
        loop {
            let chosen = self.choices.get(self.symbols / GROUP).ok_or(MALFORMED)?;
            let code = self.codes.get(usize::from(*chosen)).ok_or(MALFORMED)?;
            for _ in self.symbols % GROUP..GROUP {
                if reader.count() < CODE_BITS_MAX {
                    reader.refill();
                }
                let entry = code.look_up(reader.bits());
                if entry.bits() == 0 || entry.bits() > reader.count() {
                    let is_known = entry.bits() == 0 && reader.count() >= CODE_BITS_MAX;
                    return Err(if is_known { MALFORMED } else { Fault::Short });
                }
                reader.skip(entry.bits());
                self.symbols += 1;
                let symbol = entry.symbol();
                if symbol < 2 {
                    if self.digits == RUN_DIGITS_MAX {
                        return Err(MALFORMED);
                    }
                    self.run += (1 + symbol) << self.digits;
                    self.digits += 1;
                    continue;
                }
                if self.digits > 0 {
                    sorted.run(self.places[0], self.run)?;
                    (self.run, self.digits) = (0, 0);
                }
                if symbol == end {
                    return Ok(());
                }
                sorted.byte(to_front(&mut self.places, symbol - 1))?;
            }
        }
    }
}

/// The byte at a place, which gets the first one.
#[inline]
fn to_front(places: &mut [u8; 256], at: usize) -> u8 {
    let byte = places.get(at).copied().unwrap_or(0);
    if at < 16 {
        for i in (0..at).rev() {
            places[i + 1] = places[i];
        }
    } else if at < places.len() {
        places.copy_within(..at, 1);
    }
    places[0] = byte;
    byte
}
