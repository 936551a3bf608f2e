//! How a program lies in memory with what Windows puts beside it: its stack, the blocks of its thread
//! and of its process, with the list of libraries, and what can be read of `kernel32`.

use bytes::Bytes;

use super::Machine;
use super::flags::Flags;
use super::instruction::{EAX, EBP, EBX, ESP};
use super::memory::Memory;
use super::system::{
    ENDED, FIRST, FUNCTION_BYTES, FUNCTIONS, FUNCTIONS_AT, FUNCTIONS_MAX, KERNEL, System,
};

/// Where the block of the thread lies, to which FS points, and that of the process.
pub(crate) const THREAD: u32 = 0x7ffd_e000;
const PROCESS: u32 = 0x7ffd_f000;
/// Programs have to end below.
pub(crate) const END: u32 = 0x7000_0000;
const STACK_BYTES: u32 = 128 << 10;

/// A stretch of memory that no program of `bytes` at `base` is in: the first of two.
fn beside(base: u32, bytes: u32, first: u32, second: u32, len: u32) -> u32 {
    let is_free = first + len <= base || base.saturating_add(bytes) <= first;
    if is_free { first } else { second }
}

impl Machine {
    /// A machine with a program in memory that came from `file`, at its first instruction. It may
    /// allocate `room` bytes.
    pub(crate) fn new(file: Bytes, base: u32, image: Vec<u8>, entry: u32, room: u32) -> Self {
        let bytes = image.len() as u32;
        let mut memory = Memory::new(base, image);
        let stack = beside(base, bytes, 0x0010_0000, 0x6ff0_0000, STACK_BYTES);
        memory.add(stack, vec![0; STACK_BYTES as usize]);
        memory.add(THREAD, vec![0; 0x1000]);
        memory.add(PROCESS, vec![0; 0x1000]);
        memory.add(KERNEL, kernel());
        let heap = beside(base, bytes, 0x1000_0000, 0x4000_0000, 0x1000_0000);
        let system = System::new(base, file, heap, room);
        let (at, flags) = (base.wrapping_add(entry), Flags::from_bits(0x246));
        let mut machine = Self { registers: [0; 8], at, flags, memory, system, steps: 0 };
        let top = stack + STACK_BYTES - 0x40;
        for (address, value) in [
            (top, ENDED),
            (THREAD, top + 0x30),
            (top + 0x30, u32::MAX),
            (top + 0x34, ENDED),
            (top + 4, base),
            (top + 8, 1),
            (THREAD + 4, stack + STACK_BYTES),
            (THREAD + 8, stack),
            (THREAD + 0x18, THREAD),
            (THREAD + 0x30, PROCESS),
            (PROCESS + 8, base),
        ] {
            // All of these places are there.
            let _ = machine.memory.write(address, 4, value);
        }
        for (number, value) in [(ESP, top), (EAX, at), (EBX, PROCESS), (EBP, top + 0x20)] {
            machine.set_register(number, value);
        }
        machine.list_libraries();
        machine
    }

    /// The list of libraries in memory, as the block of the process leads to it, in each of its
    /// three orders: the program, and `kernel32` in the two places where it may be looked for.
    fn list_libraries(&mut self) {
        const LISTS: u32 = PROCESS + 0x100;
        const ENTRY: u32 = PROCESS + 0x200;
        const ENTRY_BYTES: u32 = 0x80;
        const NAME: u32 = PROCESS + 0x180;
        let mut words = vec![(PROCESS + 0x0c, LISTS), (LISTS, 0x28), (LISTS + 4, 1)];
        for order in 0..3 {
            let (head, link) = (LISTS + 0x0c + 8 * order, 8 * order);
            let entries = [0, 1, 2].map(|i| ENTRY + i * ENTRY_BYTES + link);
            let ring = [head, entries[0], entries[1], entries[2], head];
            for pair in ring.windows(2) {
                words.extend([(pair[0], pair[1]), (pair[1] + 4, pair[0])]);
            }
        }
        let base = self.memory.base();
        for (i, base) in (0..).zip([base, KERNEL, KERNEL]) {
            let entry = ENTRY + i * ENTRY_BYTES;
            words.extend([(entry + 0x18, base), (entry + 0x20, 0x1000)]);
            words.extend([(entry + 0x2c, 0x001a_0018), (entry + 0x30, NAME)]);
            words.extend([(entry + 0x24, 0x001a_0018), (entry + 0x28, NAME)]);
        }
        let name = (NAME..).step_by(2).zip(b"kernel32.dll");
        words.extend(name.map(|(at, letter)| (at, u32::from(*letter))));
        for (at, word) in words {
            let _ = self.memory.write(at, 4, word);
        }
    }
}

/// What can be read of `kernel32`: the head of a library with a table of the functions that it
/// exports, and for their code a row of instructions that do nothing.
fn kernel() -> Vec<u8> {
    const HEAD: u32 = 0x80;
    const EXPORTS: u32 = 0x180;
    let count = FUNCTIONS.len() as u32;
    let addresses = EXPORTS + 40;
    let (names, numbers) = (addresses + 4 * count, addresses + 8 * count);
    let mut text_at = numbers + 2 * count;
    let mut bytes = vec![0; 0x1000];
    let mut put = |at: u32, value: &[u8]| {
        let place = bytes.get_mut(at as usize..at as usize + value.len());
        if let Some(place) = place {
            place.copy_from_slice(value);
        }
    };
    put(0, b"MZ");
    put(60, &HEAD.to_le_bytes());
    put(HEAD, b"PE\0\0\x4c\x01");
    let end = 0x1000 + FUNCTIONS_MAX * FUNCTION_BYTES;
    for (at, value) in [(20, 0xe0), (24, 0x010b), (52, KERNEL), (80, end), (116, 16)] {
        put(HEAD + at, &value.to_le_bytes());
    }
    for (at, value) in [(HEAD + 120, EXPORTS), (HEAD + 124, 0x1000 - EXPORTS), (EXPORTS + 16, 1)] {
        put(at, &value.to_le_bytes());
    }
    for (i, value) in (0..).zip([count, count, addresses, names, numbers]) {
        put(EXPORTS + 20 + 4 * i, &value.to_le_bytes());
    }
    for (i, (name, ..)) in (0..count).zip(FUNCTIONS) {
        let address = FUNCTIONS_AT - KERNEL + (FIRST + i) * FUNCTION_BYTES;
        put(addresses + 4 * i, &address.to_le_bytes());
        put(names + 4 * i, &text_at.to_le_bytes());
        put(numbers + 2 * i, &(i as u16).to_le_bytes());
        put(text_at, name.as_bytes());
        text_at += name.len() as u32 + 1;
    }
    put(EXPORTS + 12, &text_at.to_le_bytes());
    put(text_at, b"KERNEL32.dll");
    bytes.extend([0x8b, 0xff].repeat((FUNCTIONS_MAX * FUNCTION_BYTES) as usize / 2));
    bytes
}
