//! The programs that RAR 2.9 and later, before version 5, puts into packed data to undo filters. There is
//! a machine for them; its packer has but six, told by their sum, of which three are undone here. With
//! any other the member is `Unsupported`.

use gateway_inspect::Unscannable;

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::rar_filter::{Filter, Kind};

/// Length and CRC-32 of the programs that are known.
const E8: (usize, u32) = (53, 0xad57_6887);
const E8_E9: (usize, u32) = (57, 0x3cd7_e57e);
const DELTA: (usize, u32) = (29, 0x0e06_077d);
const PROGRAMS_MAX: usize = 1_024;
const FILTERS_MAX: usize = 8_192;
/// Bytes that one filter may be for: those of the memory of the machine.
const BLOCK_BYTES_MAX: u32 = 0x3_c000;
const REGISTERS: usize = 7;

/// Those of one stream.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    /// What each does, and the length of the block that it was last for.
    known: Vec<(Does, u32)>,
    last: usize,
    filters: Vec<Filter>,
}

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Delta,
    E8,
    E8E9,
}

impl Programs {
    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// None of them is met any more; the programs stay.
    pub(crate) fn forget_filters(&mut self) {
        self.filters.clear();
    }

    /// Reads what stands behind the symbol of a program, at byte `written` of the file.
    pub(crate) fn read(&mut self, bits: &mut Bits<'_>, written: u64) -> Result<(), Fault> {
        let flags = bits.take(8)?;
        let bytes = match (flags & 7) + 1 {
            7 => bits.number(8)? + 7,
            8 => bits.number(16)?,
            count => count as usize,
        };
        let code: Result<Vec<u8>, Fault> =
            (0..bytes).map(|_| bits.take(8).map(|byte| byte as u8)).collect();
        self.read_from(flags, &code?, written)
    }

    /// The same from bytes that were gathered.
    pub(super) fn read_from(&mut self, flags: u32, code: &[u8], written: u64) -> Result<(), Fault> {
        // What is short now stays so.
        self.add(flags, code, written).map_err(|fault| match fault {
            Fault::Short => MALFORMED,
            broken @ Fault::Broken(_) => broken,
        })
    }

    fn add(&mut self, flags: u32, code: &[u8], written: u64) -> Result<(), Fault> {
        let mut bits = Bits::new(code, 0, Order::High);
        let mut at = self.last;
        if flags & 0x80 != 0 {
            let number = number(&mut bits)?;
            if number == 0 {
                self.known.clear();
            }
            at = number.saturating_sub(1) as usize;
        }
        let known = self.known.get(at).copied();
        if at > self.known.len().min(PROGRAMS_MAX) || self.filters.len() >= FILTERS_MAX {
            return Err(MALFORMED);
        }
        let start = u64::from(number(&mut bits)?) + if flags & 0x40 != 0 { 258 } else { 0 };
        let bytes = match known {
            _ if flags & 0x20 != 0 => number(&mut bits)?,
            Some((_, bytes)) => bytes,
            None => 0,
        };
        let mut registers = [0; REGISTERS];
        if flags & 0x10 != 0 {
            let mask = bits.take(7)?;
            for (i, register) in registers.iter_mut().enumerate() {
                if mask >> i & 1 == 1 {
                    *register = number(&mut bits)?;
                }
            }
        }
        let does = match known {
            Some((does, _)) => does,
            None => program(&mut bits)?,
        };
        if bytes > BLOCK_BYTES_MAX {
            return Err(MALFORMED);
        }
        match self.known.get_mut(at) {
            Some(slot) => *slot = (does, bytes),
            None => self.known.push((does, bytes)),
        }
        self.last = at;
        let kind = match does {
            // A channel is a byte of a row.
            Does::Delta => Kind::Delta { channels: (registers[0] as usize).clamp(1, 1_024) },
            Does::E8 => Kind::E8,
            Does::E8E9 => Kind::E8E9,
        };
        // No more than the memory of the machine.
        self.filters.push(Filter { start: written + start, bytes: bytes as usize, kind });
        Ok(())
    }
}

/// Tells a program.
fn program(bits: &mut Bits<'_>) -> Result<Does, Fault> {
    let bytes = number(bits)?;
    if bytes == 0 || bytes > 0xffff {
        return Err(MALFORMED);
    }
    let code: Result<Vec<u8>, Fault> =
        (0..bytes).map(|_| bits.take(8).map(|byte| byte as u8)).collect();
    let code = code?;
    match (code.len(), crc32fast::hash(&code)) {
        E8 => Ok(Does::E8),
        E8_E9 => Ok(Does::E8E9),
        DELTA => Ok(Does::Delta),
        _ => Err(Fault::Broken(Unscannable::Unsupported)),
    }
}

/// A number of the machine: of four, eight, 16 or 32 bits.
fn number(bits: &mut Bits<'_>) -> Result<u32, Fault> {
    match bits.take(2)? {
        0 => bits.take(4),
        1 => {
            let value = bits.take(8)?;
            // Sixteen or more, or the low bits of a negative number.
            if value >= 16 { Ok(value) } else { Ok(0xffff_ff00 | value << 4 | bits.take(4)?) }
        }
        2 => bits.take(16),
        _ => Ok(bits.take(16)? << 16 | bits.take(16)?),
    }
}
