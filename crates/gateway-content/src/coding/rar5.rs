//! The symbols that RAR packs by since version 5: blocks of static prefix codes for bytes, lengths and
//! distances, and filters for programs, which are undone behind.

use gateway_inspect::Unscannable;

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::prefix_code::PrefixCode;
use super::rar_filter::{Filter, Kind};
use super::stepped::{Sink, Symbols};

/// Symbols of the code of lengths, and those of the four codes of a block.
const LENGTHS: usize = 20;
const LITERALS: usize = 306;
const DISTANCES: usize = 64;
const LOW_DISTANCES: usize = 16;
const REPEATED: usize = 44;
/// Bytes that one filter may be for, and filters that may wait.
const FILTER_BYTES_MAX: u64 = 4 << 20;
const FILTERS_MAX: usize = 8_192;
/// What is added to the bytes of the header of a block.
const CHECK: u8 = 0x5a;

/// The symbols.
pub(crate) struct Rar5 {
    dictionary: u64,
    window: usize,
    /// Whether more may be referred to than is held.
    is_cut: bool,
    codes: Option<Box<Codes>>,
    block: Block,
    old: [usize; 4],
    length: usize,
    /// Bytes decoded so far.
    written: u64,
    filters: Vec<Filter>,
}

/// The codes of a block.
struct Codes {
    literals: PrefixCode,
    distances: PrefixCode,
    low: PrefixCode,
    repeated: PrefixCode,
}

/// The block at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Block {
    /// Bits that are left of it, and whether it is the last of the file.
    left: usize,
    is_last: bool,
}

impl Rar5 {
    /// A stream that refers back by `dictionary` bytes at the most, of which `window` are held.
    pub(crate) fn new(dictionary: u64, unpacked: u64, window: usize) -> Self {
        let needed = dictionary.min(unpacked).max(1);
        let held = usize::try_from(needed).unwrap_or(usize::MAX).min(window);
        Self {
            dictionary,
            window: held.max(1),
            is_cut: (held as u64) < needed,
            codes: None,
            block: Block::default(),
            old: [0; 4],
            length: 0,
            written: 0,
            filters: Vec::new(),
        }
    }

    /// The filters that were met so far, in order.
    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The same for a member that goes on from here: it begins with a block, and its filters count from its own
    /// first byte.
    pub(crate) fn for_next(self) -> Self {
        Self { block: Block::default(), written: 0, filters: Vec::new(), ..self }
    }

    /// How far it may refer back.
    pub(crate) const fn dictionary(&self) -> u64 {
        self.dictionary
    }

    /// The header of a block, and its codes if it has any of its own.
    fn begin_block(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        bits.skip((8 - bits.at() % 8) as u32 % 8)?;
        let flags = bits.byte()?;
        let check = bits.byte()?;
        let count = usize::from(flags >> 3 & 3) + 1;
        if count == 4 {
            return Err(MALFORMED);
        }
        let (mut size, mut sum) = (0usize, CHECK ^ flags);
        for i in 0..count {
            let byte = bits.byte()?;
            size |= usize::from(byte) << (8 * i);
            sum ^= byte;
        }
        if sum != check || size == 0 {
            return Err(MALFORMED);
        }
        let start = bits.at();
        let total = (size - 1) * 8 + usize::from(flags & 7) + 1;
        let codes = if flags & 0x80 != 0 { Some(Box::new(read_codes(bits)?)) } else { None };
        let left = total.checked_sub(bits.at() - start).ok_or(MALFORMED)?;
        if codes.is_some() {
            self.codes = codes;
        }
        self.block = Block { left, is_last: flags & 0x40 != 0 };
        Ok(())
    }

    /// One symbol of the block at hand.
    fn symbol(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let Some(codes) = self.codes.as_deref() else { return Err(MALFORMED) };
        let (distance, length, old) = match codes.literals.read(bits)? {
            byte @ 0..=255 => {
                sink.byte(byte as u8);
                self.written += 1;
                return Ok(());
            }
            256 => return self.filter(bits),
            257 if self.length == 0 => return Ok(()),
            257 => (self.old[0], self.length, self.old),
            again @ 258..=261 => {
                let nth = usize::from(again - 258);
                let length = slot_length(codes.repeated.read(bits)?, bits)?;
                let mut old = self.old;
                if let Some(first) = old.get_mut(..=nth) {
                    first.rotate_right(1);
                }
                (old[0], length, old)
            }
            slot => {
                let length = slot_length(slot - 262, bits)?;
                let distance = self.distance(codes, bits)?;
                let length = length
                    + usize::from(distance > 0x100)
                    + usize::from(distance > 0x2000)
                    + usize::from(distance > 0x4_0000);
                let [a, b, c, _] = self.old;
                (distance, length, [distance, a, b, c])
            }
        };
        if distance > self.window && self.is_cut {
            return Err(Fault::Broken(Unscannable::TooLarge));
        }
        sink.copy(distance, length)?;
        (self.old, self.length) = (old, length);
        self.written += length as u64;
        Ok(())
    }

    fn distance(&self, codes: &Codes, bits: &mut Bits<'_>) -> Result<usize, Fault> {
        let slot = u32::from(codes.distances.read(bits)?);
        if slot < 4 {
            return Ok(slot as usize + 1);
        }
        let count = slot / 2 - 1;
        let base = 1 + ((2 | slot as usize & 1) << count);
        if count < 4 {
            return Ok(base + bits.number(count)?);
        }
        // Up to 27 bits, which come in two.
        let many = count - 4;
        let high = if many > 16 { bits.number(many - 16)? << 16 } else { 0 };
        let high = high | bits.number(many.min(16))?;
        Ok(base + (high << 4) + usize::from(codes.low.read(bits)?))
    }

    fn filter(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        let (start, bytes) = (filter_number(bits)?, filter_number(bits)?);
        let kind = match bits.take(3)? {
            0 => Kind::Delta { channels: bits.number(5)? + 1 },
            1 => Kind::E8,
            2 => Kind::E8E9,
            3 => Kind::Arm,
            _ => return Err(Fault::Broken(Unscannable::Unsupported)),
        };
        if bytes > FILTER_BYTES_MAX || self.filters.len() >= FILTERS_MAX {
            return Err(MALFORMED);
        }
        // No more than the four megabytes that a filter may be for.
        let bytes = bytes as usize;
        self.filters.push(Filter { start: self.written + start, bytes, kind });
        Ok(())
    }
}

/// A number of up to four bytes.
fn filter_number(bits: &mut Bits<'_>) -> Result<u64, Fault> {
    let count = bits.take(2)? + 1;
    let mut value = 0;
    for i in 0..count {
        value |= u64::from(bits.take(8)?) << (8 * i);
    }
    Ok(value)
}

/// The length that a slot stands for.
fn slot_length(slot: u16, bits: &mut Bits<'_>) -> Result<usize, Fault> {
    let slot = usize::from(slot);
    if slot < 8 {
        return Ok(2 + slot);
    }
    let count = slot / 4 - 1;
    // A slot is one of 44.
    Ok(2 + ((4 | slot & 3) << count) + bits.number(count as u32)?)
}

fn read_codes(bits: &mut Bits<'_>) -> Result<Codes, Fault> {
    let lengths = read_length_code(bits, LENGTHS)?;
    const ALL: usize = LITERALS + DISTANCES + LOW_DISTANCES + REPEATED;
    let mut all: Vec<u8> = Vec::with_capacity(ALL);
    while all.len() < ALL {
        let (value, count) = match lengths.read(bits)? {
            length @ 0..=15 => (length as u8, 1),
            16 => (all.last().copied().ok_or(MALFORMED)?, bits.number(3)? + 3),
            17 => (all.last().copied().ok_or(MALFORMED)?, bits.number(7)? + 11),
            18 => (0, bits.number(3)? + 3),
            _ => (0, bits.number(7)? + 11),
        };
        all.resize((all.len() + count).min(ALL), value);
    }
    let code = |from: usize, count: usize| {
        PrefixCode::new(all.get(from..from + count).unwrap_or_default())
    };
    let low_at = LITERALS + DISTANCES;
    Ok(Codes {
        literals: code(0, LITERALS)?,
        distances: code(LITERALS, DISTANCES)?,
        low: code(low_at, LOW_DISTANCES)?,
        repeated: code(low_at + LOW_DISTANCES, REPEATED)?,
    })
}

/// The code of lengths: of `count` symbols, four bits each, with runs of zeros.
pub(super) fn read_length_code(bits: &mut Bits<'_>, count: usize) -> Result<PrefixCode, Fault> {
    let mut lengths: Vec<u8> = Vec::with_capacity(count);
    while lengths.len() < count {
        let length = bits.take(4)? as u8;
        let zeros = if length == 15 { bits.number(4)? } else { 0 };
        if zeros == 0 {
            lengths.push(length);
        } else {
            lengths.resize((lengths.len() + zeros + 2).min(count), 0);
        }
    }
    PrefixCode::new(&lengths)
}

impl Symbols for Rar5 {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if self.block.left == 0 {
            if self.block.is_last {
                return Err(MALFORMED);
            }
            return self.begin_block(bits);
        }
        let at = bits.at();
        self.symbol(bits, sink)?;
        self.block.left = self.block.left.checked_sub(bits.at() - at).ok_or(MALFORMED)?;
        Ok(())
    }

    fn close(&mut self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        while self.block.left == 0 && !self.block.is_last {
            self.begin_block(bits)?;
        }
        if self.block.left == 0 { Ok(()) } else { Err(MALFORMED) }
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (self.window, 0)
    }
}
