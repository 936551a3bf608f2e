//! The instructions whose opcode begins with 0f: conditions, bits, wide shifts, and what tells the
//! time and the processor.

use super::execute::selector;
use super::flags::signed;
use super::instruction::{EAX, EBX, ECX, EDX, Instruction, Operands, Place};
use super::{Fault, Flow, Machine, Stop, Trap};

/// What is done to one bit of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bit {
    Test,
    Set,
    Reset,
    Complement,
}

impl Bit {
    const fn of(number: u8) -> Self {
        match number & 3 {
            0 => Self::Test,
            1 => Self::Set,
            2 => Self::Reset,
            _ => Self::Complement,
        }
    }
}

impl Machine {
    pub(super) fn extended(&mut self, it: &mut Instruction) -> Result<Flow, Trap> {
        let opcode = it.byte()?;
        match opcode {
            0x0b | 0xb9 | 0xff => return Err(Trap::Fault(Fault::Illegal)),
            0x18..=0x1f | 0x0d => it.operands(self).map(|_| ())?,
            0x31 => {
                // A clock that goes on a little with each instruction.
                let now = self.steps.wrapping_mul(3);
                self.set_register(EAX, now as u32);
                self.set_register(EDX, (now >> 32) as u32);
            }
            0x40..=0x4f => {
                let Operands { register, place } = it.operands(self)?;
                let value = self.load(place, it.size)?;
                if self.flags.holds(opcode) {
                    self.set_part(register, it.size, value);
                }
            }
            0x80..=0x8f => {
                let distance = it.number(it.size)?;
                return Ok(self.branch(it, distance, self.flags.holds(opcode)));
            }
            0x90..=0x9f => {
                let place = it.operands(self)?.place;
                self.store(place, 1, u32::from(self.flags.holds(opcode)))?;
            }
            0xa0 | 0xa8 => self.push(selector(4 + (opcode >> 3 & 1)), it.size)?,
            0xa1 | 0xa9 => self.pop(it.size).map(|_| ())?,
            0xa2 => self.identify(),
            0xa3 | 0xab | 0xb3 | 0xbb => {
                let Operands { register, place } = it.operands(self)?;
                self.bit(it, Bit::of(opcode >> 3), place, self.part(register, it.size))?;
            }
            0xba => {
                let Operands { register, place } = it.operands(self)?;
                let at = it.number(1)? % (8 * it.size);
                if register < 4 {
                    return Err(Trap::Fault(Fault::Illegal));
                }
                self.bit(it, Bit::of(register), place, at)?;
            }
            0xa4 | 0xa5 | 0xac | 0xad => self.shift_double(it, opcode)?,
            0xaf => {
                let Operands { register, place } = it.operands(self)?;
                let (a, b) = (self.part(register, it.size), self.load(place, it.size)?);
                let product = self.flags.multiply_signed(a, b, it.size);
                self.set_part(register, it.size, product);
            }
            0xb0 | 0xb1 | 0xc0 | 0xc1 => self.exchange(it, opcode)?,
            0xb6 | 0xb7 | 0xbe | 0xbf => {
                let Operands { register, place } = it.operands(self)?;
                let from = 1 + u32::from(opcode & 1);
                let value = self.load(place, from)?;
                let value = if opcode < 0xb8 { value } else { signed(value, from) as u32 };
                self.set_part(register, it.size, value);
            }
            0xbc | 0xbd => self.scan(it, opcode)?,
            0xc8..=0xcf => {
                let value = self.register(opcode).swap_bytes();
                self.set_register(opcode, value);
            }
            0x05 | 0x34 => return Err(Trap::Stop(Stop::Call)),
            0x06 | 0x08 | 0x09 | 0x20..=0x23 | 0x30 | 0x32 => {
                return Err(Trap::Fault(Fault::Privileged));
            }
            _ => return Err(Trap::Stop(Stop::Unknown)),
        }
        Ok(Flow::Next)
    }

    /// A processor without a name that has nothing beyond the integer instructions.
    fn identify(&mut self) {
        let kind = if self.register(EAX) == 1 { 0x0000_0633 } else { 1 };
        for (number, value) in [(EAX, kind), (EBX, 0), (ECX, 0), (EDX, 1 << 15)] {
            self.set_register(number, value);
        }
    }

    /// Does something to bit `at` of what is in `place`; in memory it may lie far from there.
    fn bit(&mut self, it: &Instruction, bit: Bit, place: Place, at: u32) -> Result<(), Trap> {
        let bits = 8 * it.size;
        let place = match place {
            Place::Register(_) => place,
            Place::Memory(address) => {
                let distance = signed(at, it.size).div_euclid(bits as i32) as u32;
                Place::Memory(address.wrapping_add(distance.wrapping_mul(it.size)))
            }
        };
        let (at, value) = (at % bits, self.load(place, it.size)?);
        self.flags.carry = value >> at & 1 == 1;
        match bit {
            Bit::Test => Ok(()),
            Bit::Set => self.store(place, it.size, value | 1 << at),
            Bit::Reset => self.store(place, it.size, value & !(1 << at)),
            Bit::Complement => self.store(place, it.size, value ^ 1 << at),
        }
    }

    fn shift_double(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let Operands { register, place } = it.operands(self)?;
        let count = if opcode & 1 == 0 { it.number(1)? } else { self.register(ECX) };
        let (value, from) = (self.load(place, it.size)?, self.part(register, it.size));
        let value = if opcode < 0xa8 {
            self.flags.shift_left_double(value, from, count, it.size)
        } else {
            self.flags.shift_right_double(value, from, count, it.size)
        };
        self.store(place, it.size, value)
    }

    /// `cmpxchg` and `xadd`.
    fn exchange(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        use super::flags::Binary::{Add, Cmp};
        let (Operands { register, place }, size) = (it.operands(self)?, it.width(opcode));
        let old = self.load(place, size)?;
        if opcode >= 0xc0 {
            let sum = self.flags.binary(Add, old, self.part(register, size), size);
            self.set_part(register, size, old);
            return self.store(place, size, sum);
        }
        self.flags.binary(Cmp, self.part(EAX, size), old, size);
        if self.flags.zero {
            return self.store(place, size, self.part(register, size));
        }
        self.set_part(EAX, size, old);
        Ok(())
    }

    /// The lowest or highest bit that is set.
    fn scan(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let Operands { register, place } = it.operands(self)?;
        let value = self.load(place, it.size)?;
        self.flags.zero = value == 0;
        if value != 0 {
            let at = if opcode == 0xbc { value.trailing_zeros() } else { value.ilog2() };
            self.set_part(register, it.size, at);
        }
        Ok(())
    }
}
