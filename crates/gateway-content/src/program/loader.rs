//! Lays a program out in memory as Windows does it before it starts: headers and sections in their
//! places, addresses of functions in the tables of imports. Other libraries are not loaded.

use bytes::Bytes;

use super::emulator::Machine;
use super::emulator::process::END;
use super::layout::{Layout, PAGE};

/// Libraries, and functions in all, that are imported.
const LIBRARIES_MAX: u32 = 256;
const FUNCTIONS_MAX: u32 = 8_192;
/// Bytes of what tells one library.
const LIBRARY_BYTES: u32 = 20;
const SECTOR: u32 = 0x200;

/// Bytes that a program takes in memory, and how many of `bytes_max` it leaves; none if it does not fit, or
/// Windows would not load it.
fn room(layout: &Layout, bytes_max: usize) -> Option<(u32, usize)> {
    let bytes = layout.image.checked_next_multiple_of(PAGE)?;
    let room = bytes_max.checked_sub(bytes as usize)?;
    let is_placed = layout.base.is_multiple_of(0x1_0000) && layout.base.checked_add(bytes)? <= END;
    (is_placed && layout.base > 0 && layout.entry < bytes).then_some((bytes, room))
}

/// Whether [`load`] loads it.
pub(crate) fn loads(layout: &Layout, bytes_max: usize) -> bool {
    room(layout, bytes_max).is_some()
}

/// The program in `file` at its first instruction; none if it does not fit into `bytes_max`, of
/// which it gets the rest to allocate, or Windows would not load it.
pub(crate) fn load(file: &Bytes, layout: &Layout, bytes_max: usize) -> Option<Machine> {
    let (bytes, room) = room(layout, bytes_max)?;
    let mut image = vec![0; bytes as usize];
    let headers = layout.headers_in_memory.min(bytes) as usize;
    place(&mut image, 0, file.get(..headers).unwrap_or(file));
    for section in &layout.sections {
        let range = section.range();
        let bytes = section.bytes.checked_next_multiple_of(SECTOR).unwrap_or(u32::MAX);
        let len = bytes.min(range.end - range.start) as usize;
        let from = file.get(section.start() as usize..).unwrap_or_default();
        if section.bytes > 0 {
            place(&mut image, range.start as usize, from.get(..len).unwrap_or(from));
        }
    }
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    let mut machine = Machine::new(file.clone(), layout.base, image, layout.entry, room);
    import(&mut machine, layout);
    machine.memory.forget_written();
    Some(machine)
}

fn place(image: &mut [u8], at: usize, bytes: &[u8]) {
    let Some(room) = image.get_mut(at..) else { return };
    let n = room.len().min(bytes.len());
    if let (Some(to), Some(from)) = (room.get_mut(..n), bytes.get(..n)) {
        to.copy_from_slice(from);
    }
}

/// Puts the addresses of functions where the program expects them; what makes no sense is left.
fn import(machine: &mut Machine, layout: &Layout) {
    if layout.imports == 0 {
        return;
    }
    let mut functions = 0;
    for i in 0..LIBRARIES_MAX {
        let at = layout.base.wrapping_add(layout.imports).wrapping_add(i * LIBRARY_BYTES);
        let word = |n: u32| machine.memory.read(at.wrapping_add(4 * n), 4).unwrap_or(0);
        let (names, library, table) = (word(0), word(3), word(4));
        if library == 0 || table == 0 {
            return;
        }
        let names = if names == 0 { table } else { names };
        for n in 0.. {
            if functions >= FUNCTIONS_MAX {
                return;
            }
            let name = layout.base.wrapping_add(names).wrapping_add(4 * n);
            let Ok(name) = machine.memory.read(name, 4) else { break };
            if name == 0 {
                break;
            }
            functions += 1;
            // By number, or by what stands behind two bytes.
            let text = layout.base.wrapping_add(name).wrapping_add(2);
            let text = machine.text(text).filter(|_| name >> 31 == 0).map(<[u8]>::to_vec);
            let address = machine.function(text.as_deref());
            let slot = layout.base.wrapping_add(table).wrapping_add(4 * n);
            let _ = machine.memory.write(slot, 4, address);
        }
    }
}
