//! String instructions, alone and repeated. A repeated one does many turns at once.

use super::flags::{Binary, mask};
use super::instruction::{EAX, ECX, EDI, ESI, Instruction, Repeat};
use super::{Flow, Machine, Trap};

/// Turns that are done before others may have a look.
const TURNS_MAX: u32 = 1 << 12;

impl Machine {
    /// Does a string instruction, or as many turns of it as are due.
    pub(super) fn string(&mut self, it: &Instruction, opcode: u8) -> Result<Flow, Trap> {
        if it.repeat == Repeat::Once {
            self.string_turn(it, opcode)?;
            return Ok(Flow::Next);
        }
        let counter = if it.is_near { 2 } else { 4 };
        let compares = matches!(opcode & 0xfe, 0xa6 | 0xae);
        for turn in 0..TURNS_MAX {
            let left = self.part(ECX, counter);
            if left == 0 {
                return Ok(Flow::Next);
            }
            if let Err(trap) = self.string_turn(it, opcode) {
                // Those before have been done, and it fails at this one when it is tried again.
                return if turn == 0 { Err(trap) } else { Ok(Flow::Again) };
            }
            self.steps += 1;
            self.set_part(ECX, counter, left.wrapping_sub(1));
            if compares && self.flags.zero != (it.repeat == Repeat::WhileEqual) {
                return Ok(Flow::Next);
            }
        }
        Ok(Flow::Again)
    }

    fn string_turn(&mut self, it: &Instruction, opcode: u8) -> Result<(), Trap> {
        let size = it.width(opcode);
        let address = if it.is_near { 2 } else { 4 };
        let source = self.part(ESI, address).wrapping_add(it.segment);
        let target = self.part(EDI, address);
        let (uses_source, uses_target) = match opcode & 0xfe {
            0xa4 => {
                let value = self.memory.read(source, size)?;
                self.memory.write(target, size, value)?;
                (true, true)
            }
            0xa6 => {
                let (a, b) = (self.memory.read(source, size)?, self.memory.read(target, size)?);
                self.flags.binary(Binary::Cmp, a, b, size);
                (true, true)
            }
            0xaa => {
                self.memory.write(target, size, self.part(EAX, size))?;
                (false, true)
            }
            0xac => {
                let value = self.memory.read(source, size)?;
                self.set_part(EAX, size, value);
                (true, false)
            }
            _ => {
                let (a, b) = (self.part(EAX, size), self.memory.read(target, size)?);
                self.flags.binary(Binary::Cmp, a, b, size);
                (false, true)
            }
        };
        let by = if self.flags.down { size.wrapping_neg() } else { size };
        for (number, is_used) in [(ESI, uses_source), (EDI, uses_target)] {
            if is_used {
                let value = self.part(number, address).wrapping_add(by) & mask(address);
                self.set_part(number, address, value);
            }
        }
        Ok(())
    }
}
