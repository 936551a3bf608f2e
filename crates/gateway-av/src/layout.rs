//! Where a program begins and where its sections lie, in the file: what offsets in signatures count
//! from. Read from the first bytes of a part, without a look at the rest of it.
//!
//! Of ELF programs sections are not known: their table stands at the end of the file.

use crate::pe::{HEAD_BYTES_MAX, Head, Pe};
use crate::target::Target;

/// Commands of a Mach-O program, and segments of an ELF one, that are looked at.
const ROWS_MAX: usize = 1024;

/// What a program is laid out like, in positions of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Where it begins to run, if that lies in the file.
    pub(crate) entry: Option<u64>,
    /// Where each section begins, and how many bytes it has.
    pub(crate) sections: Vec<(u64, u64)>,
    /// How many sections it has, whether or not they are known.
    pub(crate) section_count: u64,
}

impl Layout {
    /// Reads it from `head`, the bytes that a part of `target` begins with.
    pub(crate) fn read(target: Option<Target>, head: &[u8]) -> Head<Self> {
        match target {
            Some(Target::Pe) => match Pe::read(head) {
                Head::Whole(pe) => Head::Whole(Self {
                    entry: pe.offset_of(pe.entry),
                    sections: pe.sections.iter().map(|one| (one.offset, one.len)).collect(),
                    section_count: pe.sections.len() as u64,
                }),
                Head::Need => Head::Need,
                Head::Other => Head::Other,
                Head::Far => Head::Far,
            },
            Some(Target::Elf) => elf(head),
            Some(Target::MachO) => mach(head),
            _ => Head::Other,
        }
    }
}

/// Numbers in the byte order, and of the width, that a program states.
#[derive(Clone, Copy)]
struct Reader<'a> {
    bytes: &'a [u8],
    big: bool,
    wide: bool,
}

impl Reader<'_> {
    fn u16(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }.into())
    }

    fn u32(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }.into())
    }

    fn u64(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A number of 64 bits in wide programs, of 32 in others.
    fn word(self, at: usize) -> Option<u64> {
        if self.wide { self.u64(at) } else { self.u32(at) }
    }
}

fn elf(head: &[u8]) -> Head<Layout> {
    if !b"\x7fELF".starts_with(head.get(..4).unwrap_or(head)) {
        return Head::Other;
    }
    let (Some(class), Some(order)) = (head.get(4), head.get(5)) else { return Head::Need };
    let reader = Reader { bytes: head, big: *order == 2, wide: *class == 2 };
    let (places, row) = if reader.wide { ([24, 32, 56], 56) } else { ([24, 28, 44], 32) };
    let [entry, table, count] = places;
    let (Some(entry), Some(table), Some(count)) =
        (reader.word(entry), reader.word(table), reader.u16(count))
    else {
        return Head::Need;
    };
    let count = usize::try_from(count).unwrap_or(0).min(ROWS_MAX);
    let table = usize::try_from(table).unwrap_or(usize::MAX);
    let end = table.saturating_add(count * row);
    if end > HEAD_BYTES_MAX {
        return Head::Far;
    }
    let Some(rows) = head.get(table..end) else { return Head::Need };
    // Where offset, address and size in memory stand in a row.
    let [offset, address, len] = if reader.wide { [8, 16, 40] } else { [4, 8, 20] };
    let find = |row: &[u8]| {
        let reader = Reader { bytes: row, ..reader };
        let into = entry.checked_sub(reader.word(address)?)?;
        (into < reader.word(len)?).then_some(reader.word(offset)?.checked_add(into)?)
    };
    let entry = if entry == 0 { None } else { rows.chunks_exact(row).find_map(find) };
    let section_count = reader.u16(if reader.wide { 60 } else { 48 }).unwrap_or(0);
    Head::Whole(Layout { entry, sections: Vec::new(), section_count })
}

fn mach(head: &[u8]) -> Head<Layout> {
    let Some(magic) = head.first_chunk::<4>() else { return Head::Need };
    let (big, wide) = match magic {
        [0xFE, 0xED, 0xFA, 0xCE] => (true, false),
        [0xFE, 0xED, 0xFA, 0xCF] => (true, true),
        [0xCE, 0xFA, 0xED, 0xFE] => (false, false),
        [0xCF, 0xFA, 0xED, 0xFE] => (false, true),
        _ => return Head::Other,
    };
    let reader = Reader { bytes: head, big, wide };
    let (Some(machine), Some(count), Some(len)) = (reader.u32(4), reader.u32(16), reader.u32(20))
    else {
        return Head::Need;
    };
    let from = if wide { 32 } else { 28 };
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let end = from + len.min(HEAD_BYTES_MAX);
    if end > HEAD_BYTES_MAX {
        return Head::Far;
    }
    let Some(mut commands) = head.get(from..end) else { return Head::Need };
    let mut layout = Layout::default();
    let mut start = Start::default();
    for _ in 0..usize::try_from(count).unwrap_or(ROWS_MAX).min(ROWS_MAX) {
        let one = Reader { bytes: commands, ..reader };
        let (Some(command), Some(size)) = (one.u32(0), one.u32(4)) else { break };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let Some(bytes) = commands.get(..size).filter(|bytes| bytes.len() >= 8) else { break };
        mach_command(command, Reader { bytes, ..reader }, machine, &mut layout, &mut start);
        commands = commands.get(size..).unwrap_or_default();
    }
    layout.entry = match start {
        Start { offset: Some(offset), .. } => Some(offset),
        Start { address: Some(address), segments, .. } => segments.iter().find_map(|one| {
            let into = address.checked_sub(one.0)?;
            (into < one.1).then_some(one.2.checked_add(into)?)
        }),
        Start { .. } => None,
    };
    layout.section_count = layout.sections.len() as u64;
    Head::Whole(layout)
}

/// What is known of where a Mach-O program begins.
#[derive(Default)]
struct Start {
    /// The offset, where a command says it.
    offset: Option<u64>,
    /// The address, where a command has the registers of the first thread.
    address: Option<u64>,
    /// Address, bytes and offset of each segment.
    segments: Vec<(u64, u64, u64)>,
}

fn mach_command(
    command: u64,
    reader: Reader<'_>,
    machine: u64,
    layout: &mut Layout,
    start: &mut Start,
) -> Option<()> {
    match command {
        // A segment, of 32 bits or of 64, with its sections.
        1 | 0x19 => {
            let reader = Reader { wide: command == 0x19, ..reader };
            let (word, row) = if reader.wide { (8, 80) } else { (4, 68) };
            let places = [24, 24 + word, 24 + 2 * word];
            let [address, len, offset] = places.map(|at| reader.word(at));
            start.segments.push((address?, len?, offset?));
            let head = 24 + 4 * word + 16;
            let rows = reader.bytes.get(head..).unwrap_or_default();
            let count = usize::try_from(reader.u32(head - 8)?).unwrap_or(0);
            for row in rows.chunks_exact(row).take(count) {
                let row = Reader { bytes: row, ..reader };
                layout.sections.push((row.u32(32 + 2 * word)?, row.word(32 + word)?));
            }
        }
        // The first thread, by its registers: which one is the program counter?
        4 | 5 => {
            let (at, wide) = match machine {
                7 => (16 + 10 * 4, false),
                0x0100_0007 => (16 + 16 * 8, true),
                12 => (16 + 15 * 4, false),
                0x0100_000C => (16 + 32 * 8, true),
                18 => (16, false),
                0x0100_0012 => (16, true),
                _ => return None,
            };
            start.address = Reader { wide, ..reader }.word(at);
        }
        0x8000_0028 => start.offset = reader.u64(8),
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pe::tests::program;

    /// An ELF program that begins 16 bytes into its one segment, which lies at 0x100.
    fn elf_program(wide: bool, big: bool) -> Vec<u8> {
        let mut bytes = vec![0u8; 0x200];
        bytes[..6].copy_from_slice(&[
            0x7F,
            b'E',
            b'L',
            b'F',
            1 + u8::from(wide),
            1 + u8::from(big),
        ]);
        let mut put = |at: usize, len: usize, value: u64| {
            let all = value.to_be_bytes();
            bytes[at..at + len].copy_from_slice(&all[8 - len..]);
            if !big {
                bytes[at..at + len].reverse();
            }
        };
        let word = if wide { 8 } else { 4 };
        put(24, word, 0x40_0010);
        put(24 + word, word, 0x80);
        put(if wide { 56 } else { 44 }, 2, 1);
        let row = if wide { [8, 16, 40] } else { [4, 8, 20] };
        for (at, value) in row.into_iter().zip([0x100, 0x40_0000, 0x50]) {
            put(0x80 + at, word, value);
        }
        bytes
    }

    #[test]
    fn programs_begin_where_their_headers_say() {
        let pe = program(false, 0x1010, (0, 0), &[(0x1000, 0x400, 0x200)]);
        let layout =
            Layout { entry: Some(0x410), sections: vec![(0x400, 0x200)], section_count: 1 };
        assert_eq!(Layout::read(Some(Target::Pe), &pe), Head::Whole(layout));
        for (wide, big) in [(false, false), (false, true), (true, false), (true, true)] {
            let bytes = elf_program(wide, big);
            let layout = Layout { entry: Some(0x110), sections: Vec::new(), section_count: 0 };
            assert_eq!(Layout::read(Some(Target::Elf), &bytes), Head::Whole(layout));
            assert_eq!(Layout::read(Some(Target::Elf), &bytes[..0x90]), Head::Need);
        }
        assert_eq!(Layout::read(Some(Target::Text), &pe), Head::Other);
    }

    #[test]
    fn mach_o_commands_tell_sections_and_the_entry() {
        let mut bytes = vec![0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1];
        bytes.extend([0; 8]);
        bytes.extend([2, 0, 0, 0, 176, 0, 0, 0]);
        bytes.extend([0; 8]);
        let mut segment = vec![0u8; 152];
        segment[0] = 0x19;
        segment[4] = 152;
        segment[24..32].copy_from_slice(&0x1000u64.to_le_bytes());
        segment[32..40].copy_from_slice(&0x800u64.to_le_bytes());
        segment[64] = 1;
        segment[72 + 40..72 + 48].copy_from_slice(&0x123u64.to_le_bytes());
        segment[72 + 48..72 + 52].copy_from_slice(&0x400u32.to_le_bytes());
        bytes.extend(segment);
        let mut main = vec![0u8; 24];
        main[..4].copy_from_slice(&0x8000_0028u32.to_le_bytes());
        main[4] = 24;
        main[8..16].copy_from_slice(&0x456u64.to_le_bytes());
        bytes.extend(main);
        let layout =
            Layout { entry: Some(0x456), sections: vec![(0x400, 0x123)], section_count: 1 };
        assert_eq!(Layout::read(Some(Target::MachO), &bytes), Head::Whole(layout));
        assert_eq!(Layout::read(Some(Target::MachO), &bytes[..100]), Head::Need);
    }
}
