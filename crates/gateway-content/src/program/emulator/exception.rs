//! Faults and their handlers, as Windows does it for programs of 32 bits: a chain of handlers that
//! begins in the first word of the thread's block; each is told the fault, and the state of the
//! processor, which it may change before the program goes on with it.

use super::flags::Flags;
use super::instruction::{EAX, EBP, EBX, ECX, EDI, EDX, ESI, ESP};
use super::process::THREAD;
use super::system::{ENDED, HANDLED};
use super::{Fault, Machine, Stop, Trap};

/// The end of the chain.
const LAST: u32 = u32::MAX;
/// Handlers that may run within each other.
const NESTED_MAX: u32 = 64;
/// Bytes of the state, and of what tells the fault (`CONTEXT` and `EXCEPTION_RECORD`).
const STATE_BYTES: u32 = 0x2cc;
const RECORD_BYTES: u32 = 0x50;
/// Places in the state.
const STATE_FLAGS: u32 = 0xc0;
const STATE_AT: u32 = 0xb8;
const STATE_REGISTERS: [(u32, u8); 8] = [
    (0x9c, EDI),
    (0xa0, ESI),
    (0xa4, EBX),
    (0xa8, EDX),
    (0xac, ECX),
    (0xb0, EAX),
    (0xb4, EBP),
    (0xc4, ESP),
];
/// Integer, control and debug registers, segments.
const STATE_KINDS: u32 = 0x0001_0017;
/// What a handler answers: the program goes on, or the next handler is asked.
const GOES_ON: u32 = 0;
const NOT_MINE: u32 = 1;

impl Fault {
    /// Its number.
    const fn code(self) -> u32 {
        match self {
            Self::Access { .. } => 0xc000_0005,
            Self::Breakpoint => 0x8000_0003,
            Self::Divide => 0xc000_0094,
            Self::Illegal => 0xc000_001d,
            Self::Overflow => 0xc000_0095,
            Self::Privileged => 0xc000_0096,
            Self::Step => 0x8000_0004,
        }
    }
}

impl Machine {
    /// Goes to the handler of a fault.
    pub(super) fn raise(&mut self, fault: Fault) -> Result<(), Stop> {
        if fault == Fault::Step {
            self.flags.trap = false;
        }
        let handled = self.lay_out(fault).is_ok();
        if handled { Ok(()) } else { Err(Stop::Fault(fault)) }
    }

    fn lay_out(&mut self, fault: Fault) -> Result<(), Trap> {
        let frame = self.first_frame()?;
        let handler = self.handler(frame)?;
        let state = (self.register(ESP) & !3).wrapping_sub(STATE_BYTES + 0x10);
        self.memory.put(state, &[0; STATE_BYTES as usize])?;
        self.memory.write(state, 4, STATE_KINDS)?;
        for (at, number) in STATE_REGISTERS {
            self.memory.write(state.wrapping_add(at), 4, self.register(number))?;
        }
        for (at, value) in [
            (STATE_AT, self.at),
            (STATE_FLAGS, self.flags.to_bits()),
            (0x90, 0x3b),
            (0x94, 0x23),
            (0x98, 0x23),
            (0xbc, 0x1b),
            (0xc8, 0x23),
        ] {
            self.memory.write(state.wrapping_add(at), 4, value)?;
        }
        let record = state.wrapping_sub(RECORD_BYTES);
        let mut words = [fault.code(), 0, 0, self.at, 0, 0, 0];
        match fault {
            Fault::Access { address, writes } => {
                words[4..].copy_from_slice(&[2, u32::from(writes), address]);
            }
            Fault::Breakpoint => words[4] = 1,
            _ => {}
        }
        self.memory.put(record, &[0; RECORD_BYTES as usize])?;
        for (at, word) in (record..).step_by(4).zip(words) {
            self.memory.write(at, 4, word)?;
        }
        self.set_register(ESP, record);
        // While a handler runs the chain begins with one of the system itself.
        for value in [HANDLED, frame] {
            self.push(value, 4)?;
        }
        self.memory.write(THREAD, 4, self.register(ESP))?;
        for value in [0, state, frame, record, HANDLED] {
            self.push(value, 4)?;
        }
        for number in [EBX, ESI, EDI] {
            self.set_register(number, 0);
        }
        self.flags.trap = false;
        self.at = handler;
        Ok(())
    }

    /// The first handler of the program: where one is running, and fails itself, the next one is
    /// behind what the system has put before it.
    fn first_frame(&self) -> Result<u32, Trap> {
        let mut frame = self.memory.read(THREAD, 4)?;
        for _ in 0..NESTED_MAX {
            if frame == LAST || self.memory.read(frame.wrapping_add(4), 4)? != HANDLED {
                return Ok(frame);
            }
            frame = self.memory.read(frame, 4)?;
        }
        Err(Trap::Stop(Stop::Exit))
    }

    fn handler(&self, frame: u32) -> Result<u32, Trap> {
        if frame == LAST {
            return Err(Trap::Stop(Stop::Exit));
        }
        let handler = self.memory.read(frame.wrapping_add(4), 4)?;
        // The last one is the system's, which ends the program.
        if handler == ENDED { Err(Trap::Stop(Stop::Exit)) } else { Ok(handler) }
    }

    /// A handler has come back: goes on as it says.
    pub(super) fn handled(&mut self) -> Result<(), Trap> {
        let top = self.register(ESP);
        let word = |i: u32| self.memory.read(top.wrapping_add(4 * i), 4);
        let (frame, state, first) = (word(1)?, word(2)?, self.memory.read(THREAD, 4)?);
        match self.register(EAX) {
            GOES_ON => {
                let chain = self.memory.read(first, 4)?;
                self.memory.write(THREAD, 4, chain)?;
                self.restore(state)
            }
            NOT_MINE => {
                let next = self.memory.read(frame, 4)?;
                let handler = self.handler(next)?;
                self.memory.write(top.wrapping_add(4), 4, next)?;
                self.push(HANDLED, 4)?;
                self.at = handler;
                Ok(())
            }
            _ => Err(Trap::Stop(Stop::Exit)),
        }
    }

    fn restore(&mut self, state: u32) -> Result<(), Trap> {
        for (at, number) in STATE_REGISTERS {
            let value = self.memory.read(state.wrapping_add(at), 4)?;
            self.set_register(number, value);
        }
        self.flags = Flags::from_bits(self.memory.read(state.wrapping_add(STATE_FLAGS), 4)?);
        self.at = self.memory.read(state.wrapping_add(STATE_AT), 4)?;
        Ok(())
    }
}
