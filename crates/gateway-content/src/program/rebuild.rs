//! Makes a file of a program that has unpacked itself: its memory as it lies there, under headers
//! that say so, and what it had allocated behind. Sections stand in the file where they stand in
//! memory, in whole pages. The tables of imports are as the program has filled them.

use super::layout::{Layout, PAGE, SECTION_BYTES, WRITES};
use super::run::Unpacked;

/// Places in the optional header: the entry, and in what steps sections lie in the file.
const ENTRY_AT: usize = 16;
const ALIGNMENT_AT: usize = 36;
/// Places in the table of sections.
const BYTES_AT: usize = 16;
const OFFSET_AT: usize = 20;
const FLAGS_AT: usize = 36;

/// The file of what the program in `packed` with that `layout` has become.
pub(crate) fn rebuild(packed: &[u8], layout: &Layout, unpacked: Unpacked) -> Vec<u8> {
    let Unpacked { image: mut file, allocated, entry } = unpacked;
    // The program may have wiped its headers, or made others of them.
    if let (Some(to), Some(from)) = (file.get_mut(..layout.headers), packed.get(..layout.headers)) {
        to.copy_from_slice(from);
    }
    // Sections that show the start of the file do not begin with a program of their own.
    for section in layout.sections.iter().filter(|s| s.start() == 0 && s.bytes > 0) {
        let from = file.get_mut(section.address as usize..).filter(|from| from.starts_with(b"MZ"));
        if let Some(signature) = from.and_then(|from| from.first_chunk_mut::<2>()) {
            *signature = [0; 2];
        }
    }
    let end = file.len() as u32;
    // What goes on where no section is has no place in the file.
    let entry = if layout.section_at(entry).is_some() { entry } else { 0 };
    write(&mut file, layout.optional + ENTRY_AT, entry);
    write(&mut file, layout.optional + ALIGNMENT_AT, PAGE);
    for (i, section) in layout.sections.iter().enumerate() {
        let (at, range) = (layout.table + i * SECTION_BYTES, section.range());
        write(&mut file, at + BYTES_AT, range.end.min(end).saturating_sub(range.start));
        write(&mut file, at + OFFSET_AT, range.start);
        if range.contains(&entry) {
            // It is unpacked: it is not to be taken for packed once more.
            write(&mut file, at + FLAGS_AT, section.flags & !WRITES);
        }
    }
    file.extend_from_slice(&allocated);
    file
}

fn write(file: &mut [u8], at: usize, value: u32) {
    if let Some(place) = file.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = value.to_le_bytes();
    }
}
