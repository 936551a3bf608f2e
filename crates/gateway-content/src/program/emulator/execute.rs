//! The instructions of one byte of opcode, in the order of their table (Intel's manual, volume 2,
//! appendix A).

use super::flags::{Binary, Flags, signed};
use super::instruction::{EAX, ECX, EDX, ESP, Instruction, Operands, Place};
use super::{Fault, Flow, Machine, Stop, Trap};

/// Selectors of segments, by the numbers of their registers: as Windows has them.
const SELECTORS: [u32; 6] = [0x23, 0x1b, 0x23, 0x23, 0x3b, 0];

pub(super) const fn selector(number: u8) -> u32 {
    SELECTORS[if number < 6 { number as usize } else { 0 }]
}

impl Machine {
    /// Does what `opcode` says.
    pub(super) fn execute(&mut self, it: &mut Instruction, opcode: u8) -> Result<Flow, Trap> {
        if it.is_locked && !may_lock(opcode) {
            return Err(Trap::Fault(Fault::Illegal));
        }
        match opcode {
            0x0f => return self.extended(it),
            0x00..=0x3f => self.first_rows(it, opcode)?,
            0x40..=0x4f => {
                let value = self.part(opcode, it.size);
                let value = match opcode {
                    ..0x48 => self.flags.increment(value, it.size),
                    _ => self.flags.decrement(value, it.size),
                };
                self.set_part(opcode, it.size, value);
            }
            0x50..=0x57 => self.push(self.part(opcode, it.size), it.size)?,
            0x58..=0x5f => {
                let value = self.pop(it.size)?;
                self.set_part(opcode, it.size, value);
            }
            0x60..=0x6b => self.sixth_row(it, opcode)?,
            0x70..=0x7f => {
                let distance = it.signed_byte()?;
                return Ok(self.branch(it, distance, self.flags.holds(opcode)));
            }
            0x80..=0x8e => self.eighth_row(it, opcode)?,
            0x8f => {
                // An address that is counted from the stack is counted without what was taken.
                let value = self.pop(it.size)?;
                let place = it.operands(self)?.place;
                self.store(place, it.size, value)?;
            }
            0x90..=0x9f => self.ninth_row(it, opcode)?,
            0xa0..=0xa3 | 0xa8 | 0xa9 | 0xb0..=0xbf => self.moves(it, opcode)?,
            0xa4..=0xa7 | 0xaa..=0xaf => return self.string(it, opcode),
            0xc0..=0xcf => return self.returns(it, opcode),
            0xd0..=0xd7 => self.thirteenth_row(it, opcode)?,
            0xd8..=0xdf => self.coprocessor(it, opcode)?,
            0xe0..=0xe3 | 0xe8..=0xeb => return self.jumps(it, opcode),
            0x6c..=0x6f | 0xe4..=0xe7 | 0xec..=0xef | 0xf4 | 0xfa | 0xfb => {
                return Err(Trap::Fault(Fault::Privileged));
            }
            0xf1 => {
                // It counts as done.
                self.at = it.next();
                return Err(Trap::Fault(Fault::Step));
            }
            0xf5 => self.flags.carry = !self.flags.carry,
            0xf6 | 0xf7 => self.unary(it, opcode)?,
            0xf8 | 0xf9 => self.flags.carry = opcode == 0xf9,
            0xfc | 0xfd => self.flags.down = opcode == 0xfd,
            0xfe | 0xff => return self.last_group(it, opcode),
            0xf0 | 0xf2 | 0xf3 => return Err(Trap::Stop(Stop::Unknown)),
        }
        Ok(Flow::Next)
    }

    fn first_rows(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let (operation, size) = (Binary::of(opcode >> 3), it.width(opcode));
        match opcode & 7 {
            0 | 1 => {
                let Operands { register, place } = it.operands(self)?;
                self.combine(operation, place, self.part(register, size), size)
            }
            2 | 3 => {
                let Operands { register, place } = it.operands(self)?;
                let value = self.load(place, size)?;
                self.combine(operation, Place::Register(register), value, size)
            }
            4 | 5 => {
                let value = it.number(size)?;
                self.combine(operation, Place::Register(EAX), value, size)
            }
            6 if opcode < 0x20 => self.push(selector(opcode >> 3), it.size),
            7 if opcode < 0x20 => self.pop(it.size).map(|_| ()),
            _ => {
                self.adjust(opcode);
                Ok(())
            }
        }
    }

    fn sixth_row(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        match opcode {
            0x60 => {
                let top = self.register(ESP);
                for number in EAX..=7 {
                    let value = if number == ESP { top } else { self.register(number) };
                    self.push(value, it.size)?;
                }
            }
            0x61 => {
                for number in (EAX..=7).rev() {
                    let value = self.pop(it.size)?;
                    if number != ESP {
                        self.set_part(number, it.size, value);
                    }
                }
            }
            0x68 | 0x6a => {
                let value = if opcode == 0x68 { it.number(it.size)? } else { it.signed_byte()? };
                self.push(value, it.size)?;
            }
            0x69 | 0x6b => {
                let Operands { register, place } = it.operands(self)?;
                let factor = if opcode == 0x69 { it.number(it.size)? } else { it.signed_byte()? };
                let value = self.load(place, it.size)?;
                let product = self.flags.multiply_signed(value, factor, it.size);
                self.set_part(register, it.size, product);
            }
            _ => return Err(Trap::Stop(Stop::Unknown)),
        }
        Ok(())
    }

    fn eighth_row(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let Operands { register, place } = it.operands(self)?;
        let size = it.width(opcode);
        match opcode {
            0x80..=0x83 => {
                let value = if opcode == 0x81 { it.number(size)? } else { it.signed_byte()? };
                self.combine(Binary::of(register), place, value, size)
            }
            0x84 | 0x85 => {
                let value = self.load(place, size)? & self.part(register, size);
                self.flags.logic(value, size);
                Ok(())
            }
            0x86 | 0x87 => {
                let value = self.load(place, size)?;
                self.store(place, size, self.part(register, size))?;
                self.set_part(register, size, value);
                Ok(())
            }
            0x88 | 0x89 => self.store(place, size, self.part(register, size)),
            0x8a | 0x8b => {
                let value = self.load(place, size)?;
                self.set_part(register, size, value);
                Ok(())
            }
            0x8c => {
                let size = if matches!(place, Place::Memory(_)) { 2 } else { it.size };
                self.store(place, size, selector(register))
            }
            0x8d => {
                let Place::Memory(address) = place else {
                    return Err(Trap::Fault(Fault::Illegal));
                };
                // It is no access: the segment does not count.
                self.set_part(register, it.size, address.wrapping_sub(it.segment));
                Ok(())
            }
            _ => self.load(place, 2).map(|_| ()),
        }
    }

    fn ninth_row(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let size = it.size;
        match opcode {
            0x90..=0x97 => {
                let (value, other) = (self.part(EAX, size), self.part(opcode, size));
                self.set_part(EAX, size, other);
                self.set_part(opcode, size, value);
            }
            0x98 => {
                let value = signed(self.register(EAX), size / 2) as u32;
                self.set_part(EAX, size, value);
            }
            0x99 => {
                let is_negative = signed(self.register(EAX), size) < 0;
                self.set_part(EDX, size, if is_negative { u32::MAX } else { 0 });
            }
            0x9b => {}
            0x9c => self.push(self.flags.to_bits(), size)?,
            0x9d => self.flags = Flags::from_bits(self.pop(size)?),
            0x9e => {
                let bits = self.register(EAX) >> 8 & 0xff;
                let whole = Flags::from_bits(self.flags.to_bits() & !0xff | bits);
                self.flags = whole;
            }
            0x9f => {
                let bits = self.flags.to_bits() & 0xd7;
                self.set_part(4, 1, bits);
            }
            _ => return Err(Trap::Stop(Stop::Unknown)),
        }
        Ok(())
    }

    fn moves(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        match opcode {
            0xa0..=0xa3 => {
                let size = it.width(opcode);
                let address = it.number(if it.is_near { 2 } else { 4 })?;
                let place = Place::Memory(address.wrapping_add(it.segment));
                if opcode < 0xa2 {
                    let value = self.load(place, size)?;
                    self.set_part(EAX, size, value);
                } else {
                    self.store(place, size, self.part(EAX, size))?;
                }
            }
            0xa8 | 0xa9 => {
                let size = it.width(opcode);
                let value = it.number(size)? & self.part(EAX, size);
                self.flags.logic(value, size);
            }
            ..0xb8 => {
                let value = it.number(1)?;
                self.set_part(opcode & 7, 1, value);
            }
            _ => {
                let value = it.number(it.size)?;
                self.set_part(opcode & 7, it.size, value);
            }
        }
        Ok(())
    }

    fn thirteenth_row(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        match opcode {
            0xd0..=0xd3 => {
                let operands = it.operands(self)?;
                let count = if opcode < 0xd2 { 1 } else { self.register(ECX) };
                self.shift(operands, count, it.width(opcode))?;
            }
            0xd4 => {
                let (base, low) = (u32::from(it.byte()?), self.part(EAX, 1));
                let (Some(high), Some(low)) = (low.checked_div(base), low.checked_rem(base)) else {
                    return Err(Trap::Fault(Fault::Divide));
                };
                self.set_part(EAX, 2, high << 8 | low);
                self.flags.tell(low, 1);
            }
            0xd5 => {
                let base = u32::from(it.byte()?);
                let (high, low) = (self.part(4, 1), self.part(EAX, 1));
                let value = low.wrapping_add(high * base) & 0xff;
                self.set_part(EAX, 2, value);
                self.flags.tell(value, 1);
            }
            0xd6 => {
                let value = if self.flags.carry { 0xff } else { 0 };
                self.set_part(EAX, 1, value);
            }
            _ => {
                let table = self.register(super::instruction::EBX);
                let at = table.wrapping_add(self.part(EAX, 1)).wrapping_add(it.segment);
                let value = self.load(Place::Memory(at), 1)?;
                self.set_part(EAX, 1, value);
            }
        }
        Ok(())
    }

    /// Of the coprocessor nothing but what leaves no trace: `fnop`, `fninit`, `fnclex`.
    fn coprocessor(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        match (opcode, it.byte()?) {
            (0xd9, 0xd0) | (0xdb, 0xe0..=0xe4) => Ok(()),
            _ => Err(Trap::Stop(Stop::Unknown)),
        }
    }
}

/// Whether there is an instruction with this opcode that may be locked.
const fn may_lock(opcode: u8) -> bool {
    matches!(opcode, 0x0f | 0x80..=0x83 | 0x86 | 0x87 | 0xf6 | 0xf7 | 0xfe | 0xff)
        || opcode < 0x38 && opcode & 7 < 2
}
