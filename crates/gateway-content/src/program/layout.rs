//! How a program for Windows (PE) lies in its file and in memory. No more of it than unpacking
//! needs.

use std::ops::Range;

use crate::archive::headed::{u16_at, u32_at};

/// The most bytes before the signature `PE`.
const START_MAX: usize = 3 << 10;
/// Sections that are read.
const SECTIONS_MAX: usize = 96;
const COFF_BYTES: usize = 24;
pub(crate) const SECTION_BYTES: usize = 40;
/// Memory comes in pages.
pub(crate) const PAGE: u32 = 0x1000;
/// The flags of sections that may be run, and written.
const RUNS: u32 = 0x2000_0000;
pub(crate) const WRITES: u32 = 0x8000_0000;
/// Machines of programs: x86, x64, ARM and its wider forms, Itanium.
const MACHINES: [u16; 6] = [0x014c, 0x8664, 0x01c0, 0x01c4, 0xaa64, 0x0200];

/// One section.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Bytes in memory, and where they begin there.
    pub(crate) memory: u32,
    pub(crate) address: u32,
    /// Bytes in the file, and where they begin there.
    pub(crate) bytes: u32,
    pub(crate) offset: u32,
    /// What may be done with it.
    pub(crate) flags: u32,
}

/// The layout.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Where the program is entered, counted from where it lies in memory.
    pub(crate) entry: u32,
    /// Where it lies there.
    pub(crate) base: u32,
    pub(crate) sections: Vec<Section>,
    /// Bytes of it there.
    pub(crate) image: u32,
    /// Where its table of imports lies there; 0 if it has none.
    pub(crate) imports: u32,
    /// Where the optional header begins in the file, and where the table of sections begins and ends.
    pub(crate) optional: usize,
    pub(crate) table: usize,
    pub(crate) headers: usize,
    /// Bytes at the start of the file that lie in memory as well.
    pub(crate) headers_in_memory: u32,
    /// Whether it is for processors of the x86 line in 32 bits.
    pub(crate) is_x86: bool,
    /// Whether it is a program of 64 bits.
    pub(crate) is_wide: bool,
}

/// Reads the layout of the program that `head` begins with; none if it is none, or how many bytes
/// have to be seen first.
pub(crate) fn read(head: &[u8]) -> Result<Option<Layout>, usize> {
    if head.len() < 64 {
        return Err(64);
    }
    let start = u32_at(head, 60) as usize;
    if !head.starts_with(b"MZ") || !(4..START_MAX).contains(&start) {
        return Ok(None);
    }
    let optional = start + COFF_BYTES;
    if head.len() < optional + 2 {
        return Err(optional + 2);
    }
    let (count, optional_bytes) =
        (usize::from(u16_at(head, start + 6)), usize::from(u16_at(head, start + 20)));
    let is_program = head.get(start..start + 4) == Some(b"PE\0\0")
        && MACHINES.contains(&u16_at(head, start + 4))
        && (1..=SECTIONS_MAX).contains(&count)
        && (28..1_024).contains(&optional_bytes)
        && matches!(u16_at(head, optional), 0x010b | 0x020b);
    if !is_program {
        return Ok(None);
    }
    let table = optional + optional_bytes;
    let is_narrow = u16_at(head, optional) == 0x010b;
    let headers = table + count * SECTION_BYTES;
    if head.len() < headers {
        return Err(headers);
    }
    let section = |i: usize| {
        let at = table + i * SECTION_BYTES;
        Section {
            memory: u32_at(head, at + 8),
            address: u32_at(head, at + 12),
            bytes: u32_at(head, at + 16),
            offset: u32_at(head, at + 20),
            flags: u32_at(head, at + 36),
        }
    };
    Ok(Some(Layout {
        entry: u32_at(head, optional + 16),
        base: u32_at(head, optional + 28),
        image: u32_at(head, optional + 56),
        imports: u32_at(head, optional + 104),
        sections: (0..count).map(section).collect(),
        optional,
        table,
        headers,
        headers_in_memory: u32_at(head, optional + 60),
        is_x86: is_narrow && u16_at(head, start + 4) == 0x014c,
        is_wide: !is_narrow,
    }))
}

/// The length of the file of the program that `head` begins with, what stands behind its sections
/// not counted.
pub(crate) fn file_bytes(head: &[u8]) -> Result<Option<u64>, usize> {
    Ok(read(head)?.map(|layout| layout.end()))
}

impl Layout {
    /// Where headers and sections end in the file.
    pub(crate) fn end(&self) -> u64 {
        let ends = self.sections.iter().filter(|section| section.bytes > 0);
        let last = ends.map(|section| u64::from(section.start()) + u64::from(section.bytes)).max();
        last.unwrap_or(0).max(self.headers as u64)
    }

    /// Whether a section stands for memory and has nothing in the file: packers unpack to there.
    pub(crate) fn has_room(&self) -> bool {
        self.sections.iter().any(|section| section.bytes == 0 && section.memory > 0)
    }

    /// The section in memory that an address is in.
    pub(crate) fn section_at(&self, address: u32) -> Option<&Section> {
        self.sections.iter().find(|section| section.range().contains(&address))
    }

    /// Whether it starts in a section that may be written, or in none. Compilers and linkers make no
    /// such programs: what they make stands in a section that can be run and read alone. Packers need
    /// it, as their code writes what is run then.
    pub(crate) fn starts_writable(&self) -> bool {
        let section = self.section_at(self.entry);
        self.entry != 0 && section.is_none_or(|section| section.flags & WRITES != 0)
    }

    /// Whether a section that is run has nothing in the file.
    pub(crate) fn has_room_to_run(&self) -> bool {
        self.sections
            .iter()
            .any(|section| section.bytes == 0 && section.memory > 0 && section.flags & RUNS != 0)
    }

    /// The bytes in `file` from an address on, to the end of its section.
    pub(crate) fn at<'f>(&self, file: &'f [u8], address: u32) -> Option<&'f [u8]> {
        let section = self.sections.iter().find(|section| {
            let into = address.checked_sub(section.address);
            into.is_some_and(|into| into < section.bytes)
        })?;
        let start = section.start() as usize;
        let end = start.saturating_add(section.bytes as usize).min(file.len());
        file.get(start + (address - section.address) as usize..end)
    }
}

impl Section {
    /// Where its bytes begin in the file: loaders look at whole sectors.
    pub(crate) const fn start(&self) -> u32 {
        self.offset & !0x1ff
    }

    /// Where it lies in memory, in whole pages.
    pub(crate) fn range(&self) -> Range<u32> {
        let bytes = if self.memory == 0 { self.bytes } else { self.memory };
        let end = self.address.saturating_add(bytes);
        self.address..end.checked_next_multiple_of(PAGE).unwrap_or(u32::MAX)
    }
}
