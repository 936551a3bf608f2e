//! Where a program begins and where its sections lie, in the file: what offsets in signatures count
//! from. Read from the first bytes of a part, without a look at the rest of it.
//!
//! Of ELF programs sections show later: their table stands at the end of the file.

use std::collections::BTreeSet;

use crate::elf::{Elf, Reader};
use crate::pe::{HEAD_BYTES_MAX, Head, Pe};
use crate::target::Target;

/// Commands that a Mach-O program may have.
const COMMANDS_MAX: u64 = 1024;

/// Sections that a segment of a Mach-O program may have.
const SECTIONS_MAX: u64 = 255;

/// What a program is laid out like, in positions of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Where it begins to run, if that lies in the file.
    pub(crate) entry: Option<u64>,
    /// Where each section begins, and how many bytes it has.
    pub(crate) sections: Vec<(u64, u64)>,
    /// How many sections it has, whether or not they are known.
    pub(crate) section_count: u64,
    /// Where the names of the strings of its version information begin, once that was gathered.
    pub(crate) versions: BTreeSet<u64>,
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
                    versions: BTreeSet::new(),
                }),
                Head::Need => Head::Need,
                Head::Other => Head::Other,
                Head::Far => Head::Far,
            },
            Some(Target::Elf) => match Elf::read(head) {
                Head::Whole(elf) => Head::Whole(Self {
                    entry: Some(elf.entry),
                    sections: Vec::new(),
                    section_count: elf.section_count,
                    versions: BTreeSet::new(),
                }),
                Head::Need => Head::Need,
                Head::Other => Head::Other,
                Head::Far => Head::Far,
            },
            Some(Target::MachO) => mach(head),
            _ => Head::Other,
        }
    }
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
    if !(1..=COMMANDS_MAX).contains(&count) {
        return Head::Other;
    }
    let from = if wide { 32 } else { 28 };
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let end = from + len.min(HEAD_BYTES_MAX);
    if end > HEAD_BYTES_MAX {
        return Head::Far;
    }
    let Some(mut commands) = head.get(from..end) else { return Head::Need };
    let mut layout = Layout::default();
    let mut start = Start::default();
    for _ in 0..count {
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
            let count = reader.u32(head - 8).filter(|count| *count <= SECTIONS_MAX)?;
            for row in rows.chunks_exact(row).take(usize::try_from(count).ok()?) {
                let row = Reader { bytes: row, ..reader };
                let align = 1u64.checked_shl(u32::try_from(row.u32(36 + 2 * word)?).ok()?)?;
                let len = row.word(32 + word)?.checked_next_multiple_of(align)?;
                layout.sections.push((row.u32(32 + 2 * word)?, len));
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

    #[test]
    fn programs_begin_where_their_headers_say() {
        let pe = program(false, 0x1010, (0, 0), &[(0x1000, 0x400, 0x200)]);
        let layout = Layout {
            entry: Some(0x410),
            sections: vec![(0x400, 0x200)],
            section_count: 1,
            ..Layout::default()
        };
        assert_eq!(Layout::read(Some(Target::Pe), &pe), Head::Whole(layout));
        let bytes = crate::elf::tests::program(true, false, &[(0x100, 9)]);
        let layout = Layout {
            entry: Some(0x110),
            sections: Vec::new(),
            section_count: 1,
            ..Layout::default()
        };
        assert_eq!(Layout::read(Some(Target::Elf), &bytes), Head::Whole(layout));
        assert_eq!(Layout::read(Some(Target::Elf), &bytes[..0x90]), Head::Need);
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
        let layout = Layout {
            entry: Some(0x456),
            sections: vec![(0x400, 0x123)],
            section_count: 1,
            ..Layout::default()
        };
        assert_eq!(Layout::read(Some(Target::MachO), &bytes), Head::Whole(layout));
        assert_eq!(Layout::read(Some(Target::MachO), &bytes[..100]), Head::Need);
    }
}
