//! Jumps, calls and returns, and what shares their rows in the table of opcodes.

use super::flags::mask;
use super::instruction::{EBP, ECX, ESP, Instruction, Operands};
use super::{Fault, Flow, Machine, Stop, Trap};

impl Machine {
    /// A jump that is taken or not.
    pub(super) fn branch(&self, it: &Instruction, distance: u32, is_taken: bool) -> Flow {
        if !is_taken {
            return Flow::Next;
        }
        let target = it.next().wrapping_add(distance);
        Flow::To(if it.size == 2 { target & 0xffff } else { target })
    }

    pub(super) fn jumps(&mut self, it: &mut Instruction, opcode: u8) -> Result<Flow, Trap> {
        let counter = if it.is_near { 2 } else { 4 };
        match opcode {
            0xe0..=0xe2 => {
                let distance = it.signed_byte()?;
                let left = self.part(ECX, counter).wrapping_sub(1) & mask(counter);
                self.set_part(ECX, counter, left);
                let goes_on = match opcode {
                    0xe0 => !self.flags.zero,
                    0xe1 => self.flags.zero,
                    _ => true,
                };
                Ok(self.branch(it, distance, left != 0 && goes_on))
            }
            0xe3 => {
                let distance = it.signed_byte()?;
                Ok(self.branch(it, distance, self.part(ECX, counter) == 0))
            }
            0xe8 | 0xe9 => {
                let distance = it.number(it.size)?;
                if opcode == 0xe8 {
                    self.push(it.next(), it.size)?;
                }
                Ok(self.branch(it, distance, true))
            }
            0xeb => {
                let distance = it.signed_byte()?;
                Ok(self.branch(it, distance, true))
            }
            _ => Err(Trap::Stop(Stop::Unknown)),
        }
    }

    pub(super) fn returns(&mut self, it: &mut Instruction, opcode: u8) -> Result<Flow, Trap> {
        match opcode {
            0xc0 | 0xc1 => {
                let operands = it.operands(self)?;
                let count = it.number(1)?;
                self.shift(operands, count, it.width(opcode))?;
            }
            0xc2 | 0xc3 => {
                let more = if opcode == 0xc2 { it.number(2)? } else { 0 };
                let target = self.pop(it.size)?;
                self.set_register(ESP, self.register(ESP).wrapping_add(more));
                return Ok(Flow::To(target));
            }
            0xc6 | 0xc7 => {
                let (operands, size) = (it.operands(self)?, it.width(opcode));
                let value = it.number(size)?;
                self.store(operands.place, size, value)?;
            }
            0xc8 => {
                let (room, depth) = (it.number(2)?, it.byte()?);
                if depth != 0 {
                    return Err(Trap::Stop(Stop::Unknown));
                }
                self.push(self.part(EBP, it.size), it.size)?;
                self.set_register(EBP, self.register(ESP));
                self.set_register(ESP, self.register(ESP).wrapping_sub(room));
            }
            0xc9 => {
                self.set_register(ESP, self.register(EBP));
                let value = self.pop(it.size)?;
                self.set_part(EBP, it.size, value);
            }
            0xcc => return Err(Trap::Fault(Fault::Breakpoint)),
            0xcd => {
                return Err(match it.byte()? {
                    3 | 0x2d => Trap::Fault(Fault::Breakpoint),
                    4 => Trap::Fault(Fault::Overflow),
                    // These call the system.
                    0x2a..=0x2e => Trap::Stop(Stop::Call),
                    _ => Trap::Fault(Fault::Access { address: u32::MAX, writes: false }),
                });
            }
            0xce if self.flags.overflow => return Err(Trap::Fault(Fault::Overflow)),
            0xce => {}
            _ => return Err(Trap::Stop(Stop::Unknown)),
        }
        Ok(Flow::Next)
    }

    pub(super) fn last_group(&mut self, it: &mut Instruction, opcode: u8) -> Result<Flow, Trap> {
        let (Operands { register, place }, size) = (it.operands(self)?, it.width(opcode));
        if opcode == 0xfe && register > 1 || register == 7 {
            return Err(Trap::Fault(Fault::Illegal));
        }
        if matches!(register, 3 | 5) {
            return Err(Trap::Stop(Stop::Unknown));
        }
        let value = self.load(place, size)?;
        match register {
            0 | 1 => {
                let value = match register {
                    0 => self.flags.increment(value, size),
                    _ => self.flags.decrement(value, size),
                };
                self.store(place, size, value)?;
                Ok(Flow::Next)
            }
            2 => {
                self.push(it.next(), size)?;
                Ok(Flow::To(value))
            }
            4 => Ok(Flow::To(value)),
            _ => {
                self.push(value, size)?;
                Ok(Flow::Next)
            }
        }
    }
}
