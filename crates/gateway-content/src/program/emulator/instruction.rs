//! One instruction of 32-bit x86 as it is read: its prefixes, its bytes one after the other, and
//! the operand that ModRM names (Intel's manual, volume 2, chapter 2).

use super::{Fault, Machine, Trap};

/// The longest instruction there is.
const BYTES_MAX: usize = 15;

/// Registers by their numbers.
pub(crate) const EAX: u8 = 0;
pub(crate) const ECX: u8 = 1;
pub(crate) const EDX: u8 = 2;
pub(crate) const EBX: u8 = 3;
pub(crate) const ESP: u8 = 4;
pub(crate) const EBP: u8 = 5;
pub(crate) const ESI: u8 = 6;
pub(crate) const EDI: u8 = 7;

/// How a string instruction is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Once,
    WhileEqual,
    WhileUnequal,
}

/// An instruction that is being read.
pub(crate) struct Instruction {
    bytes: [u8; 16],
    len: usize,
    at: usize,
    /// Where it stands.
    pub(crate) address: u32,
    /// Bytes of an operand that is no single byte: 4, or 2.
    pub(crate) size: u32,
    /// Whether addresses are of 16 bits.
    pub(crate) is_near: bool,
    pub(crate) repeat: Repeat,
    pub(crate) is_locked: bool,
    /// Where the segment begins that operands in memory are in.
    pub(crate) segment: u32,
}

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Register(u8),
    Memory(u32),
}

/// The two operands that ModRM names: one by its number alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operands {
    pub(crate) register: u8,
    pub(crate) place: Place,
}

impl Instruction {
    /// The instruction at `address`, of which nothing is read.
    pub(crate) fn at(machine: &Machine, address: u32) -> Self {
        let mut bytes = [0; 16];
        let len = machine.memory.fetch(address, &mut bytes).min(BYTES_MAX);
        Self {
            bytes,
            len,
            at: 0,
            address,
            size: 4,
            is_near: false,
            repeat: Repeat::Once,
            is_locked: false,
            segment: 0,
        }
    }

    /// Reads its prefixes, and its first opcode.
    pub(crate) fn opcode(&mut self) -> Result<u8, Trap> {
        loop {
            match self.byte()? {
                0x26 | 0x2e | 0x36 | 0x3e => self.segment = 0,
                0x64 => self.segment = super::process::THREAD,
                // GS is not used by programs of 32 bits: its selector is null.
                0x65 => {
                    return Err(Trap::Fault(Fault::Access { address: u32::MAX, writes: false }));
                }
                0x66 => self.size = 2,
                0x67 => self.is_near = true,
                0xf0 => self.is_locked = true,
                0xf2 => self.repeat = Repeat::WhileUnequal,
                0xf3 => self.repeat = Repeat::WhileEqual,
                opcode => return Ok(opcode),
            }
        }
    }

    /// Where the instruction behind it stands, once it is read.
    pub(crate) const fn next(&self) -> u32 {
        self.address.wrapping_add(self.at as u32)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Trap> {
        if self.at >= self.len {
            // Too long, or it goes on where there is nothing.
            let is_long = self.at == BYTES_MAX;
            let address = self.next();
            let missing = Fault::Access { address, writes: false };
            return Err(Trap::Fault(if is_long { Fault::Illegal } else { missing }));
        }
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        Ok(byte)
    }

    /// The next byte with its sign.
    pub(crate) fn signed_byte(&mut self) -> Result<u32, Trap> {
        Ok(self.byte()? as i8 as u32)
    }

    /// The next number of `size` bytes.
    pub(crate) fn number(&mut self, size: u32) -> Result<u32, Trap> {
        let mut value = 0;
        for i in 0..size {
            value |= u32::from(self.byte()?) << (8 * i);
        }
        Ok(value)
    }

    /// The bytes of an operand: a single one if the opcode is even.
    pub(crate) const fn width(&self, opcode: u8) -> u32 {
        if opcode & 1 == 0 { 1 } else { self.size }
    }

    /// What ModRM, and what is behind it, name.
    pub(crate) fn operands(&mut self, machine: &Machine) -> Result<Operands, Trap> {
        let modrm = self.byte()?;
        let (mode, register, low) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
        let place = if mode == 3 {
            Place::Register(low)
        } else if self.is_near {
            Place::Memory(self.near_address(machine, mode, low)?.wrapping_add(self.segment))
        } else {
            Place::Memory(self.address(machine, mode, low)?.wrapping_add(self.segment))
        };
        Ok(Operands { register, place })
    }

    fn address(&mut self, machine: &Machine, mode: u8, low: u8) -> Result<u32, Trap> {
        let base = if low == 4 {
            let sib = self.byte()?;
            let (scale, index, base) = (sib >> 6, sib >> 3 & 7, sib & 7);
            let scaled = if index == 4 { 0 } else { machine.register(index) << scale };
            let base = match base {
                EBP if mode == 0 => self.number(4)?,
                base => machine.register(base),
            };
            base.wrapping_add(scaled)
        } else if low == EBP && mode == 0 {
            self.number(4)?
        } else {
            machine.register(low)
        };
        let displacement = match mode {
            1 => self.signed_byte()?,
            2 => self.number(4)?,
            _ => 0,
        };
        Ok(base.wrapping_add(displacement))
    }

    /// The same of 16 bits.
    fn near_address(&mut self, machine: &Machine, mode: u8, low: u8) -> Result<u32, Trap> {
        let sum = |a: u8, b: u8| machine.register(a).wrapping_add(machine.register(b));
        let base = match low {
            0 => sum(EBX, ESI),
            1 => sum(EBX, EDI),
            2 => sum(EBP, ESI),
            3 => sum(EBP, EDI),
            4 => machine.register(ESI),
            5 => machine.register(EDI),
            6 if mode == 0 => self.number(2)?,
            6 => machine.register(EBP),
            _ => machine.register(EBX),
        };
        let displacement = match mode {
            1 => self.signed_byte()?,
            2 => self.number(2)?,
            _ => 0,
        };
        Ok(base.wrapping_add(displacement) & 0xffff)
    }
}
