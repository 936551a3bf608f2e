//! The little of Windows that unpacking code needs: the functions of `kernel32` that it calls. A function that is not here has an
//! address as well, and stops the machine when it is called.

use bytes::Bytes;

use super::instruction::{EAX, ESP};
use super::{Machine, Stop, Trap};

/// Where `kernel32` lies, and its functions, a few bytes each.
pub(super) const KERNEL: u32 = 0x7c80_0000;
pub(super) const FUNCTIONS_AT: u32 = KERNEL + 0x1000;
pub(super) const FUNCTION_BYTES: u32 = 16;
/// The most functions that have an address of their own.
pub(super) const FUNCTIONS_MAX: u32 = 4_096;
/// The file of the program: its name, and the number by which it is known once it is open.
const OWN_NAME: &[u8] = b"C:\\program.exe";
const OWN_FILE: u32 = 0x0054;
/// Libraries that every program has in memory.
const LOADED: [&[u8]; 4] = [b"kernel32", b"kernelba", b"ntdll", b"user32"];
/// Regions that may be allocated at a time.
const REGIONS_MAX: usize = 16;
/// The longest name that is read.
const NAME_BYTES_MAX: usize = 64;
/// To here handlers of faults come back, and the program when it ends.
pub(super) const HANDLED: u32 = FUNCTIONS_AT;
pub(super) const ENDED: u32 = FUNCTIONS_AT + FUNCTION_BYTES;
/// The first that is a function.
pub(super) const FIRST: u32 = 2;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Gives memory: the argument with this number is how much.
    Allocate(u32),
    /// Ends the program.
    Exit,
    /// How long the file of the program is.
    FileBytes,
    /// Takes memory back.
    Free,
    /// Answers with the argument of this number.
    Give(u32),
    /// A library, by its name.
    Library,
    /// The same if it is in memory, as a few always are.
    Loaded,
    /// The address of a function, by its name.
    Named,
    /// A file, by its name: there is none but that of the program.
    Open,
    /// The name of that.
    OwnName,
    /// Lets memory be written or run: all of it may be already.
    Protect,
    /// Reads of the file, and moves to another place in it.
    Read,
    Seek,
    /// The count of instructions, as a clock.
    Time,
    /// Always this.
    Value(u32),
}

/// The functions: how many arguments each takes, and what it does.
pub(super) const FUNCTIONS: &[(&str, u32, Act)] = &[
    ("CloseHandle", 1, Act::Value(1)),
    ("CreateFileA", 7, Act::Open),
    ("CreateThread", 6, Act::Value(0x0060)),
    ("DisableThreadLibraryCalls", 1, Act::Value(1)),
    ("ExitProcess", 1, Act::Exit),
    ("ExitThread", 1, Act::Exit),
    ("FindWindowA", 2, Act::Value(0)),
    ("FlushInstructionCache", 3, Act::Value(1)),
    ("FreeLibrary", 1, Act::Value(1)),
    ("GetCurrentProcess", 0, Act::Value(u32::MAX)),
    ("GetCurrentProcessId", 0, Act::Value(0x0abc)),
    ("GetCurrentThread", 0, Act::Value(u32::MAX - 1)),
    ("GetCurrentThreadId", 0, Act::Value(0x0abd)),
    ("GetFileSize", 2, Act::FileBytes),
    ("GetLastError", 0, Act::Value(0)),
    ("GetModuleFileNameA", 3, Act::OwnName),
    ("GetModuleHandleA", 1, Act::Loaded),
    ("GetProcAddress", 2, Act::Named),
    ("GetProcessHeap", 0, Act::Value(0x0014_0000)),
    ("GetTickCount", 0, Act::Time),
    ("GetVersion", 0, Act::Value(0x0a28_0105)),
    ("GlobalAlloc", 2, Act::Allocate(1)),
    ("GlobalFree", 1, Act::Free),
    ("GlobalLock", 1, Act::Give(0)),
    ("GlobalUnlock", 1, Act::Value(0)),
    ("HeapAlloc", 3, Act::Allocate(2)),
    ("HeapCreate", 3, Act::Value(0x0015_0000)),
    ("HeapDestroy", 1, Act::Value(1)),
    ("HeapFree", 3, Act::Value(1)),
    ("IsDebuggerPresent", 0, Act::Value(0)),
    ("LoadLibraryA", 1, Act::Library),
    ("LoadLibraryExA", 3, Act::Library),
    ("LocalAlloc", 2, Act::Allocate(1)),
    ("LocalFree", 1, Act::Free),
    ("OpenProcess", 3, Act::Value(0)),
    ("OutputDebugStringA", 1, Act::Value(0)),
    ("ReadFile", 5, Act::Read),
    ("SetErrorMode", 1, Act::Value(0)),
    ("SetFilePointer", 4, Act::Seek),
    ("SetLastError", 1, Act::Value(0)),
    ("SetUnhandledExceptionFilter", 1, Act::Value(0)),
    ("Sleep", 1, Act::Value(0)),
    ("TerminateProcess", 2, Act::Exit),
    ("VirtualAlloc", 4, Act::Allocate(1)),
    ("VirtualFree", 3, Act::Free),
    ("VirtualProtect", 4, Act::Protect),
    ("lstrlenA", 1, Act::Value(0)),
];

/// What the system knows of the program.
pub(crate) struct System {
    base: u32,
    /// Its file, and where in it it reads.
    file: Bytes,
    file_at: u32,
    /// Where the next region may begin.
    heap: u32,
    /// Bytes that may still be allocated.
    room: u32,
    /// What is allocated.
    pub(crate) regions: Vec<u32>,
    /// The next address for a function that is not here.
    unknown: u32,
}

impl System {
    /// Of a program at `base` that came from `file`, before its start. It may allocate `room` bytes,
    /// from `heap` on.
    pub(super) fn new(base: u32, file: Bytes, heap: u32, room: u32) -> Self {
        Self { base, file, file_at: 0, heap, room, regions: Vec::new(), unknown: 0 }
    }
}

/// The number of the function that the instruction at `address` belongs to.
pub(super) fn function_at(address: u32) -> Option<u32> {
    let at = address.checked_sub(FUNCTIONS_AT)? / FUNCTION_BYTES;
    (at < FUNCTIONS_MAX).then_some(at)
}

/// Whether that may be the name of a function.
fn is_plain(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_graphic())
}

impl Machine {
    /// The address of a function, by its name or without one.
    pub(crate) fn function(&mut self, name: Option<&[u8]>) -> u32 {
        let known =
            name.and_then(|name| FUNCTIONS.iter().position(|(known, ..)| known.as_bytes() == name));
        let number = match known {
            Some(at) => at as u32,
            None => {
                let number = FUNCTIONS.len() as u32 + self.system.unknown;
                self.system.unknown = (self.system.unknown + 1).min(FUNCTIONS_MAX / 2);
                number
            }
        };
        FUNCTIONS_AT + (FIRST + number) * FUNCTION_BYTES
    }

    fn argument(&self, number: u32) -> Result<u32, Trap> {
        let at = self.register(ESP).wrapping_add(4 + 4 * number);
        Ok(self.memory.read(at, 4)?)
    }

    /// The text at `address`, up to a zero.
    pub(crate) fn text(&self, address: u32) -> Option<&[u8]> {
        let longest = (1..=NAME_BYTES_MAX).rev();
        let bytes = longest.filter_map(|len| self.memory.slice(address, len).ok()).next()?;
        memchr::memchr(0, bytes).and_then(|end| bytes.get(..end))
    }

    /// Does what a function does, and goes back to where it was called.
    pub(super) fn call(&mut self, function: u32) -> Result<(), Stop> {
        let stop = |trap| match trap {
            Trap::Stop(stop) => stop,
            Trap::Fault(fault) => Stop::Fault(fault),
        };
        if self.at == HANDLED {
            return self.handled().map_err(stop);
        }
        if self.at == ENDED {
            return Err(Stop::Exit);
        }
        let known = function.checked_sub(FIRST).and_then(|at| FUNCTIONS.get(at as usize));
        let (_, arguments, act) = known.ok_or(Stop::Call)?;
        let answer = self.act(*act).map_err(stop)?;
        let back = self.pop(4).map_err(stop)?;
        self.set_register(ESP, self.register(ESP).wrapping_add(4 * arguments));
        self.set_register(EAX, answer);
        self.at = back;
        Ok(())
    }

    fn act(&mut self, act: Act) -> Result<u32, Trap> {
        match act {
            Act::Allocate(number) => Ok(self.allocate(self.argument(number)?)),
            Act::Exit => Err(Trap::Stop(Stop::Exit)),
            Act::Free => {
                let base = self.argument(0)?;
                self.free(base);
                Ok(1)
            }
            Act::Give(number) => self.argument(number),
            Act::FileBytes => Ok(self.file().map_or(u32::MAX, |file| file.len() as u32)),
            // One stands for all: none of them is more than its functions.
            Act::Library => Ok(KERNEL),
            Act::Loaded => Ok(match self.argument(0)? {
                0 => self.system.base,
                name if self.is_loaded(name) => KERNEL,
                _ => 0,
            }),
            Act::Named => {
                let number = self.argument(1)?;
                let name = self.text(number).map(<[u8]>::to_vec);
                // By its name, or by a number; others there are none.
                let is_name = name.as_ref().is_some_and(|name| name.len() > 1 && is_plain(name));
                let exists = is_name || (1..0x1_0000).contains(&number);
                Ok(if exists { self.function(name.as_deref()) } else { 0 })
            }
            Act::Open => {
                let name = self.text(self.argument(0)?);
                Ok(if name == Some(OWN_NAME) { OWN_FILE } else { u32::MAX })
            }
            Act::OwnName => {
                let (to, room) = (self.argument(1)?, self.argument(2)? as usize);
                self.memory.put(to, OWN_NAME.get(..room).unwrap_or(OWN_NAME))?;
                Ok(OWN_NAME.len() as u32)
            }
            Act::Protect => {
                let old = self.argument(3)?;
                self.memory.write(old, 4, 4)?;
                Ok(1)
            }
            Act::Read => self.read_file(),
            Act::Seek => {
                let (distance, whence) = (self.argument(1)?, self.argument(3)?);
                let bytes = self.file().map_or(0, |file| file.len() as u32);
                let from = [0, self.system.file_at, bytes];
                let from = from.get(whence as usize).copied().unwrap_or_default();
                self.system.file_at = from.wrapping_add(distance);
                Ok(self.system.file_at)
            }
            Act::Time => Ok((self.steps >> 10) as u32),
            Act::Value(value) => Ok(value),
        }
    }

    /// Whether the name at `address` is that of a library that is in memory.
    fn is_loaded(&self, address: u32) -> bool {
        let name = self.text(address).unwrap_or_default();
        let begins = |known: &&[u8]| {
            name.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known))
        };
        LOADED.iter().any(begins)
    }

    /// The file that the first argument stands for.
    fn file(&self) -> Option<&Bytes> {
        let is_own = self.argument(0).is_ok_and(|number| number == OWN_FILE);
        is_own.then_some(&self.system.file)
    }

    fn read_file(&mut self) -> Result<u32, Trap> {
        let (to, most, told) = (self.argument(1)?, self.argument(2)?, self.argument(3)?);
        let at = self.system.file_at as usize;
        let Some(rest) = self.file().map(|file| file.slice(at.min(file.len())..)) else {
            return Ok(0);
        };
        let piece = rest.get(..most as usize).unwrap_or(&rest);
        self.memory.put(to, piece)?;
        if told != 0 {
            self.memory.write(told, 4, piece.len() as u32)?;
        }
        self.system.file_at += piece.len() as u32;
        self.steps += piece.len() as u64 / 16;
        Ok(1)
    }

    /// A region of its own; 0 if there is no room.
    fn allocate(&mut self, bytes: u32) -> u32 {
        let system = &mut self.system;
        let bytes = bytes.max(1).checked_next_multiple_of(0x1000).unwrap_or(u32::MAX);
        if bytes > system.room || system.regions.len() >= REGIONS_MAX {
            return 0;
        }
        let base = system.heap;
        system.room -= bytes;
        // A gap shows when something reaches out of it.
        system.heap = base.wrapping_add(bytes).wrapping_add(0xffff) & !0xffff;
        system.regions.push(base);
        self.memory.add(base, vec![0; bytes as usize]);
        self.steps += u64::from(bytes / 64);
        base
    }

    fn free(&mut self, base: u32) {
        if self.system.regions.contains(&base) {
            self.system.regions.retain(|region| *region != base);
            self.system.room += self.memory.remove(base) as u32;
        }
    }
}
