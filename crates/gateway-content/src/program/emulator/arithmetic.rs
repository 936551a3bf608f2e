//! What is done to numbers, in registers and in memory: sums, products, quotients, shifts, decimal
//! digits.

use super::flags::{Binary, Shift, mask, signed};
use super::instruction::{EAX, EDX, Instruction, Operands, Place};
use super::{Fault, Machine, Trap};

impl Machine {
    /// Puts what `operation` makes of what is in `place`, and of `value`, there.
    pub(super) fn combine(
        &mut self,
        operation: Binary,
        place: Place,
        value: u32,
        size: u32,
    ) -> Result<(), Trap> {
        let old = self.load(place, size)?;
        let new = self.flags.binary(operation, old, value, size);
        if operation == Binary::Cmp { Ok(()) } else { self.store(place, size, new) }
    }

    /// Makes decimal digits of AL (`daa`, `das`, `aaa`, `aas`).
    pub(super) fn adjust(&mut self, opcode: u8) {
        let (low, is_sum) = (self.part(EAX, 1), opcode & 8 == 0);
        let carries = low & 15 > 9 || self.flags.adjust;
        let by = |value: u32, n: u32| match is_sum {
            true => value.wrapping_add(n),
            false => value.wrapping_sub(n),
        };
        if opcode >= 0x37 {
            let whole = self.part(EAX, 2);
            let whole = if carries { by(whole, 0x106) } else { whole };
            self.set_part(EAX, 2, whole & 0xff0f);
            (self.flags.adjust, self.flags.carry) = (carries, carries);
            return;
        }
        let is_high = low > 0x99 || self.flags.carry;
        let value = if carries { by(low, 6) } else { low };
        let value = if is_high { by(value, 0x60) } else { value };
        self.set_part(EAX, 1, value);
        self.flags.tell(value, 1);
        (self.flags.adjust, self.flags.carry) = (carries, is_high);
    }

    pub(super) fn shift(&mut self, operands: Operands, count: u32, size: u32) -> Result<(), Trap> {
        let value = self.load(operands.place, size)?;
        let value = self.flags.shift(Shift::of(operands.register), value, count, size);
        self.store(operands.place, size, value)
    }

    pub(super) fn unary(&mut self, it: &mut Instruction, opcode: u8) -> Result<(), Trap> {
        let (Operands { register, place }, size) = (it.operands(self)?, it.width(opcode));
        let value = self.load(place, size)?;
        match register {
            0 | 1 => {
                let other = it.number(size)?;
                self.flags.logic(value & other, size);
                Ok(())
            }
            2 => self.store(place, size, !value),
            3 => {
                let negative = self.flags.binary(Binary::Sub, 0, value, size);
                self.store(place, size, negative)
            }
            4 | 5 => {
                self.multiply(value, size, register);
                Ok(())
            }
            _ => self.divide(value, size, register),
        }
    }

    /// What is twice as wide as an operand of `size` bytes: AX, DX and AX, EDX and EAX.
    fn double(&self, size: u32) -> u64 {
        match size {
            1 => u64::from(self.part(EAX, 2)),
            _ => u64::from(self.part(EDX, size)) << (8 * size) | u64::from(self.part(EAX, size)),
        }
    }

    fn set_double(&mut self, size: u32, low: u32, high: u32) {
        match size {
            1 => self.set_part(EAX, 2, low & 0xff | (high & 0xff) << 8),
            _ => {
                self.set_part(EAX, size, low);
                self.set_part(EDX, size, high);
            }
        }
    }

    fn multiply(&mut self, value: u32, size: u32, number: u8) {
        let factor = self.part(EAX, size);
        let product = match number {
            4 => u64::from(value) * u64::from(factor),
            _ => (i64::from(signed(value, size)) * i64::from(signed(factor, size))) as u64,
        };
        let (low, high) = (product as u32 & mask(size), (product >> (8 * size)) as u32);
        self.set_double(size, low, high);
        let is_wide = match number {
            4 => high & mask(size) != 0,
            _ => i64::from(signed(low, size)) as u64 != product,
        };
        (self.flags.carry, self.flags.overflow) = (is_wide, is_wide);
    }

    fn divide(&mut self, value: u32, size: u32, number: u8) -> Result<(), Trap> {
        let double = self.double(size);
        let (quotient, rest, fits) = if number == 6 {
            let divisor = u64::from(value & mask(size));
            let quotient = double.checked_div(divisor).ok_or(Trap::Fault(Fault::Divide))?;
            (quotient, double % divisor, quotient <= u64::from(mask(size)))
        } else {
            let unused = 64 - 16 * size;
            let double = ((double << unused) as i64) >> unused;
            let divisor = i64::from(signed(value, size));
            let quotient = double.checked_div(divisor).ok_or(Trap::Fault(Fault::Divide))?;
            let fits = i64::from(signed(quotient as u32, size)) == quotient;
            (quotient as u64, (double % divisor) as u64, fits)
        };
        if !fits {
            return Err(Trap::Fault(Fault::Divide));
        }
        self.set_double(size, quotient as u32, rest as u32);
        Ok(())
    }
}
