//! The flags of the processor, and the arithmetic that sets them (Intel's manual, volume 2). Where
//! a flag is undefined after an instruction, it is as real processors most often have it.

/// The flags that programs see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) carry: bool,
    pub(crate) parity: bool,
    /// Of the lowest four bits.
    pub(crate) adjust: bool,
    pub(crate) zero: bool,
    pub(crate) sign: bool,
    /// After the next instruction there is an exception.
    pub(crate) trap: bool,
    /// String instructions go downwards.
    pub(crate) down: bool,
    pub(crate) overflow: bool,
}

/// The operations of the first rows of the table of opcodes, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Or,
    Adc,
    Sbb,
    And,
    Sub,
    Xor,
    Cmp,
}

/// The operations by which a value is shifted, in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    Rol,
    Ror,
    Rcl,
    Rcr,
    Shl,
    Shr,
    Sar,
}

/// The bits of a number of `size` bytes.
pub(crate) const fn mask(size: u32) -> u32 {
    match size {
        1 => 0xff,
        2 => 0xffff,
        _ => u32::MAX,
    }
}

const fn top(size: u32) -> u32 {
    match size {
        1 => 0x80,
        2 => 0x8000,
        _ => 0x8000_0000,
    }
}

/// A number of `size` bytes with its sign.
pub(crate) const fn signed(value: u32, size: u32) -> i32 {
    match size {
        1 => value as u8 as i8 as i32,
        2 => value as u16 as i16 as i32,
        _ => value as i32,
    }
}

impl Binary {
    /// By the three bits in opcodes and ModRM.
    pub(crate) const fn of(number: u8) -> Self {
        match number & 7 {
            0 => Self::Add,
            1 => Self::Or,
            2 => Self::Adc,
            3 => Self::Sbb,
            4 => Self::And,
            5 => Self::Sub,
            6 => Self::Xor,
            _ => Self::Cmp,
        }
    }
}

impl Shift {
    /// By the three bits of ModRM.
    pub(crate) const fn of(number: u8) -> Self {
        match number & 7 {
            0 => Self::Rol,
            1 => Self::Ror,
            2 => Self::Rcl,
            3 => Self::Rcr,
            5 => Self::Shr,
            7 => Self::Sar,
            _ => Self::Shl,
        }
    }
}

impl Flags {
    /// As they lie on the stack.
    pub(crate) const fn to_bits(self) -> u32 {
        // Bit 1 is always set, and interrupts are on.
        0x202
            | self.carry as u32
            | (self.parity as u32) << 2
            | (self.adjust as u32) << 4
            | (self.zero as u32) << 6
            | (self.sign as u32) << 7
            | (self.trap as u32) << 8
            | (self.down as u32) << 10
            | (self.overflow as u32) << 11
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self {
            carry: bits & 1 == 1,
            parity: bits >> 2 & 1 == 1,
            adjust: bits >> 4 & 1 == 1,
            zero: bits >> 6 & 1 == 1,
            sign: bits >> 7 & 1 == 1,
            trap: bits >> 8 & 1 == 1,
            down: bits >> 10 & 1 == 1,
            overflow: bits >> 11 & 1 == 1,
        }
    }

    /// Whether one of the sixteen conditions of jumps holds.
    pub(crate) const fn holds(self, condition: u8) -> bool {
        let holds = match condition >> 1 & 7 {
            0 => self.overflow,
            1 => self.carry,
            2 => self.zero,
            3 => self.carry || self.zero,
            4 => self.sign,
            5 => self.parity,
            6 => self.sign != self.overflow,
            _ => self.zero || self.sign != self.overflow,
        };
        holds != (condition & 1 == 1)
    }

    /// Sets those that tell of a result alone.
    pub(crate) const fn tell(&mut self, value: u32, size: u32) {
        self.zero = value & mask(size) == 0;
        self.sign = value & top(size) != 0;
        self.parity = (value as u8).count_ones().is_multiple_of(2);
    }

    /// The result of a binary operation; that of a comparison is what it subtracts to.
    pub(crate) fn binary(&mut self, operation: Binary, a: u32, b: u32, size: u32) -> u32 {
        match operation {
            Binary::Add => self.add(a, b, false, size),
            Binary::Adc => self.add(a, b, self.carry, size),
            Binary::Sub | Binary::Cmp => self.subtract(a, b, false, size),
            Binary::Sbb => self.subtract(a, b, self.carry, size),
            Binary::Or => self.logic(a | b, size),
            Binary::And => self.logic(a & b, size),
            Binary::Xor => self.logic(a ^ b, size),
        }
    }

    fn add(&mut self, a: u32, b: u32, carry: bool, size: u32) -> u32 {
        let (a, b) = (a & mask(size), b & mask(size));
        let sum = u64::from(a) + u64::from(b) + u64::from(carry);
        let value = sum as u32 & mask(size);
        self.carry = sum > u64::from(mask(size));
        self.overflow = (a ^ value) & (b ^ value) & top(size) != 0;
        self.adjust = (a ^ b ^ value) & 0x10 != 0;
        self.tell(value, size);
        value
    }

    fn subtract(&mut self, a: u32, b: u32, borrow: bool, size: u32) -> u32 {
        let (a, b) = (a & mask(size), b & mask(size));
        let value = a.wrapping_sub(b).wrapping_sub(u32::from(borrow)) & mask(size);
        self.carry = u64::from(a) < u64::from(b) + u64::from(borrow);
        self.overflow = (a ^ b) & (a ^ value) & top(size) != 0;
        self.adjust = (a ^ b ^ value) & 0x10 != 0;
        self.tell(value, size);
        value
    }

    /// Of a result that carries nothing.
    pub(crate) fn logic(&mut self, value: u32, size: u32) -> u32 {
        (self.carry, self.overflow, self.adjust) = (false, false, false);
        self.tell(value, size);
        value & mask(size)
    }

    /// One more: the carry stays.
    pub(crate) fn increment(&mut self, value: u32, size: u32) -> u32 {
        let carry = self.carry;
        let value = self.add(value, 1, false, size);
        self.carry = carry;
        value
    }

    /// One less: the carry stays.
    pub(crate) fn decrement(&mut self, value: u32, size: u32) -> u32 {
        let carry = self.carry;
        let value = self.subtract(value, 1, false, size);
        self.carry = carry;
        value
    }

    /// The result of a shift by `count`, of which the lowest five bits matter.
    pub(crate) fn shift(&mut self, shift: Shift, value: u32, count: u32, size: u32) -> u32 {
        let (count, bits) = (count & 31, size * 8);
        let value = value & mask(size);
        if count == 0 {
            return value;
        }
        match shift {
            Shift::Rol | Shift::Ror => self.rotate(shift, value, count, size),
            Shift::Rcl | Shift::Rcr => self.rotate_through(shift, value, count, size),
            Shift::Shl => {
                let wide = u64::from(value) << count;
                let result = wide as u32 & mask(size);
                self.carry = wide >> bits & 1 == 1;
                self.overflow = self.carry != (result & top(size) != 0);
                self.tell(result, size);
                result
            }
            Shift::Shr => {
                self.carry = u64::from(value) >> (count - 1) & 1 == 1;
                self.overflow = value & top(size) != 0;
                let result = (u64::from(value) >> count) as u32;
                self.tell(result, size);
                result
            }
            Shift::Sar => {
                let wide = i64::from(signed(value, size));
                self.carry = wide >> (count - 1) & 1 == 1;
                self.overflow = false;
                let result = (wide >> count) as u32 & mask(size);
                self.tell(result, size);
                result
            }
        }
    }

    fn rotate(&mut self, shift: Shift, value: u32, count: u32, size: u32) -> u32 {
        let bits = size * 8;
        let left = if shift == Shift::Rol { count % bits } else { (bits - count % bits) % bits };
        let wide = u64::from(value);
        let result = (wide << left | wide >> (bits - left)) as u32 & mask(size);
        let is_high = result & top(size) != 0;
        if shift == Shift::Rol {
            self.carry = result & 1 == 1;
            self.overflow = self.carry != is_high;
        } else {
            self.carry = is_high;
            self.overflow = is_high != (result & top(size) >> 1 != 0);
        }
        result
    }

    fn rotate_through(&mut self, shift: Shift, value: u32, count: u32, size: u32) -> u32 {
        let mut value = value;
        for _ in 0..count % (size * 8 + 1) {
            let carry = u32::from(self.carry);
            if shift == Shift::Rcl {
                self.carry = value & top(size) != 0;
                value = (value << 1 | carry) & mask(size);
                self.overflow = self.carry != (value & top(size) != 0);
            } else {
                self.overflow = self.carry != (value & top(size) != 0);
                self.carry = value & 1 == 1;
                value = value >> 1 | if carry == 1 { top(size) } else { 0 };
            }
        }
        value
    }

    /// `value` to the left, with the bits of `from` behind it.
    pub(crate) fn shift_left_double(
        &mut self,
        value: u32,
        from: u32,
        count: u32,
        size: u32,
    ) -> u32 {
        let (count, bits) = (count & 31, size * 8);
        if count == 0 {
            return value & mask(size);
        }
        let wide = u128::from(value & mask(size)) << bits | u128::from(from & mask(size));
        // Of sixteen bits more than sixteen may be shifted: they come round.
        let wide = wide << bits | u128::from(value & mask(size));
        let result = (wide >> (2 * bits).saturating_sub(count)) as u32 & mask(size);
        self.carry = wide >> (3 * bits).saturating_sub(count) & 1 == 1;
        self.overflow = (result ^ value) & top(size) != 0;
        self.tell(result, size);
        result
    }

    /// `value` to the right, with the bits of `from` before it.
    pub(crate) fn shift_right_double(
        &mut self,
        value: u32,
        from: u32,
        count: u32,
        size: u32,
    ) -> u32 {
        let (count, bits) = (count & 31, size * 8);
        if count == 0 {
            return value & mask(size);
        }
        let wide = u128::from(value & mask(size)) << bits | u128::from(from & mask(size));
        let wide = wide << bits | u128::from(value & mask(size));
        let result = (wide >> count) as u32 & mask(size);
        self.carry = wide >> (count - 1) & 1 == 1;
        self.overflow = (result ^ value) & top(size) != 0;
        self.tell(result, size);
        result
    }

    /// The product of two numbers with their signs, as far as it fits.
    pub(crate) fn multiply_signed(&mut self, a: u32, b: u32, size: u32) -> u32 {
        let product = i64::from(signed(a, size)) * i64::from(signed(b, size));
        let value = product as u32 & mask(size);
        self.carry = i64::from(signed(value, size)) != product;
        self.overflow = self.carry;
        self.tell(value, size);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags as letters, those that are set.
    fn letters(flags: Flags) -> String {
        let Flags { carry, parity, adjust, zero, sign, trap, down, overflow } = flags;
        let all = [
            (carry, 'c'),
            (parity, 'p'),
            (adjust, 'a'),
            (zero, 'z'),
            (sign, 's'),
            (trap, 't'),
            (down, 'd'),
            (overflow, 'o'),
        ];
        all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| letter).collect()
    }

    #[test]
    fn arithmetic_sets_flags() {
        use Binary::*;
        for (operation, a, b, size, want, set) in [
            (Add, 1, 2, 4, 3, "p"),
            (Add, 0xff, 1, 1, 0, "cpaz"),
            (Add, 0x7f, 1, 1, 0x80, "aso"),
            (Add, 0x7fff_ffff, 1, 4, 0x8000_0000, "paso"),
            (Add, u32::MAX, 1, 4, 0, "cpaz"),
            (Sub, 0, 1, 2, 0xffff, "cpas"),
            (Sub, 0x80, 1, 1, 0x7f, "ao"),
            (Cmp, 5, 5, 4, 0, "pz"),
            (And, 0xf0, 0x0f, 1, 0, "pz"),
            (Xor, 0xff, 0x7f, 1, 0x80, "s"),
            (Or, 0x100, 0, 2, 0x100, "p"),
        ] {
            let mut flags = Flags::default();
            assert_eq!(flags.binary(operation, a, b, size), want, "{operation:?} {a:x} {b:x}");
            assert_eq!(letters(flags), set, "{operation:?} {a:x} {b:x}");
        }
        let mut flags = Flags { carry: true, ..Flags::default() };
        assert_eq!(flags.binary(Adc, 0xff, 0xff, 1), 0xff);
        assert_eq!(letters(flags), "cpas");
        assert_eq!(flags.binary(Sbb, 0, 0xff, 1), 0);
        assert_eq!(letters(flags), "cpaz");
    }

    #[test]
    fn shifts_set_flags() {
        use Shift::*;
        for (shift, value, count, size, want, is_carried) in [
            (Shl, 0x81, 1, 1, 0x02, true),
            (Shl, 1, 31, 4, 0x8000_0000, false),
            (Shl, 1, 32, 4, 1, false),
            (Shl, 0xff, 8, 1, 0, true),
            (Shl, 0xff, 9, 1, 0, false),
            (Shr, 0x81, 1, 1, 0x40, true),
            (Shr, 0x8000, 16, 2, 0, true),
            (Sar, 0x80, 3, 1, 0xf0, false),
            (Sar, 0x80, 31, 1, 0xff, true),
            (Rol, 0x81, 1, 1, 0x03, true),
            (Rol, 0x81, 8, 1, 0x81, true),
            (Ror, 0x01, 1, 4, 0x8000_0000, true),
            (Ror, 0x1234, 4, 2, 0x4123, false),
            (Rcl, 0x80, 1, 1, 0, true),
            (Rcl, 0x80, 9, 1, 0x80, false),
            (Rcr, 0x03, 2, 4, 0x8000_0000, true),
        ] {
            let mut flags = Flags::default();
            assert_eq!(flags.shift(shift, value, count, size), want, "{shift:?} {value:x} {count}");
            assert_eq!(flags.carry, is_carried, "{shift:?} {value:x} {count}");
        }
        let mut flags = Flags::default();
        assert_eq!(flags.shift_left_double(0x1234_5678, 0x9abc_def0, 8, 4), 0x3456_789a);
        assert_eq!(flags.shift_right_double(0x1234_5678, 0x9abc_def0, 8, 4), 0xf012_3456);
        assert_eq!(flags.shift_left_double(0x8000, 0x4000, 1, 2), 0);
        assert!(flags.carry && flags.zero);
    }

    #[test]
    fn conditions_hold() {
        let less = Flags { sign: true, ..Flags::default() };
        let even = Flags { zero: true, parity: true, ..Flags::default() };
        for (flags, want) in [(less, 0b0101_1001_1010_1010u16), (even, 0b0110_0110_0101_1010)] {
            let holds = (0..16).filter(|condition| flags.holds(*condition));
            assert_eq!(holds.fold(0u16, |bits, i| bits | 1 << i), want, "{flags:?}");
        }
    }

    #[test]
    fn flags_lie_on_the_stack_as_bits() {
        for bits in 0..0x1000 {
            let flags = Flags::from_bits(bits);
            assert_eq!(Flags::from_bits(flags.to_bits()), flags);
        }
        assert_eq!(Flags { carry: true, zero: true, ..Flags::default() }.to_bits(), 0x243);
    }
}
