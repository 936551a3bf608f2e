//! A small machine that runs the unpacking code of a packed program: 32-bit x86 user code on a flat
//! memory, with the few functions of Windows that such code calls. It interprets integer instructions
//! one at a time, within a number of them, and touches nothing outside of its own memory.
//!
//! It is no Windows: one thread, no files, no windows, no clock but the count of its instructions.
//! What it does not know stops it.

mod arithmetic;
mod control;
mod exception;
mod execute;
mod extended;
pub(crate) mod flags;
pub(crate) mod instruction;
pub(crate) mod memory;
pub(crate) mod process;
mod string;
pub(crate) mod system;
#[cfg(test)]
mod tests;

use flags::{Flags, mask};
use instruction::{ESP, Instruction, Place};
use memory::{Memory, NoMemory};

/// What goes wrong in a program, for which it may have a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is nothing at the address.
    Access { address: u32, writes: bool },
    /// `int3`.
    Breakpoint,
    /// A division by zero, or of which the result does not fit.
    Divide,
    /// An instruction that no processor knows.
    Illegal,
    /// `into` with the overflow flag set.
    Overflow,
    /// An instruction that only the system may use.
    Privileged,
    /// The trap flag was set.
    Step,
}

/// Why the machine stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The program called a function of the system that the machine does not have.
    Call,
    /// The program ended itself.
    Exit,
    /// A fault without a handler.
    Fault(Fault),
    /// An instruction that real processors know and the machine does not.
    Unknown,
}

/// What keeps an instruction from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    Fault(Fault),
    Stop(Stop),
}

impl From<NoMemory> for Trap {
    fn from(NoMemory { address, writes }: NoMemory) -> Self {
        Self::Fault(Fault::Access { address, writes })
    }
}

/// What follows an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// The one behind it.
    Next,
    /// The one at that address.
    To(u32),
    /// Itself once more: it repeats.
    Again,
}

/// The machine.
pub(crate) struct Machine {
    registers: [u32; 8],
    /// Where the next instruction stands.
    pub(crate) at: u32,
    pub(crate) flags: Flags,
    pub(crate) memory: Memory,
    pub(crate) system: system::System,
    /// Instructions done, and turns of those that repeat.
    pub(crate) steps: u64,
}

impl Machine {
    pub(crate) fn register(&self, number: u8) -> u32 {
        self.registers.get(usize::from(number & 7)).copied().unwrap_or_default()
    }

    pub(crate) fn set_register(&mut self, number: u8, value: u32) {
        if let Some(register) = self.registers.get_mut(usize::from(number & 7)) {
            *register = value;
        }
    }

    /// The part of a register that an operand of `size` bytes with that number is.
    fn part(&self, number: u8, size: u32) -> u32 {
        match size {
            1 if number & 4 != 0 => self.register(number & 3) >> 8 & 0xff,
            _ => self.register(number) & mask(size),
        }
    }

    fn set_part(&mut self, number: u8, size: u32, value: u32) {
        let (whole, number, shift) = match size {
            1 if number & 4 != 0 => (self.register(number & 3), number & 3, 8),
            _ => (self.register(number), number, 0),
        };
        let mask = mask(size) << shift;
        self.set_register(number, whole & !mask | value << shift & mask);
    }

    fn load(&self, place: Place, size: u32) -> Result<u32, Trap> {
        match place {
            Place::Register(number) => Ok(self.part(number, size)),
            Place::Memory(address) => Ok(self.memory.read(address, size)?),
        }
    }

    fn store(&mut self, place: Place, size: u32, value: u32) -> Result<(), Trap> {
        match place {
            Place::Register(number) => self.set_part(number, size, value),
            Place::Memory(address) => self.memory.write(address, size, value)?,
        }
        Ok(())
    }

    fn push(&mut self, value: u32, size: u32) -> Result<(), Trap> {
        let top = self.register(ESP).wrapping_sub(size);
        self.memory.write(top, size, value)?;
        self.set_register(ESP, top);
        Ok(())
    }

    fn pop(&mut self, size: u32) -> Result<u32, Trap> {
        let top = self.register(ESP);
        let value = self.memory.read(top, size)?;
        self.set_register(ESP, top.wrapping_add(size));
        Ok(value)
    }

    /// Does one instruction, or one function of the system. After a fault that is handled the
    /// machine stands at the handler.
    pub(crate) fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if let Some(function) = system::function_at(self.at) {
            return self.call(function);
        }
        let before = (self.registers, self.flags);
        let mut instruction = Instruction::at(self, self.at);
        let done = match instruction.opcode() {
            Ok(opcode) => self.execute(&mut instruction, opcode),
            Err(trap) => Err(trap),
        };
        match done {
            Ok(Flow::Next) => self.at = instruction.next(),
            Ok(Flow::To(target)) => self.at = target,
            Ok(Flow::Again) => {}
            Err(Trap::Stop(stop)) => return Err(stop),
            Err(Trap::Fault(fault)) => {
                // What an instruction has done before it fails does not count.
                (self.registers, self.flags) = before;
                return self.raise(fault);
            }
        }
        if before.1.trap { self.raise(Fault::Step) } else { Ok(()) }
    }
}
