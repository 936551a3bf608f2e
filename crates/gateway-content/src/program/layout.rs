//! How a program for Windows (PE) lies in its file and in memory. No more of it than unpacking
//! needs.

use crate::archive::headed::{u16_at, u32_at};

/// The most bytes before the signature `PE`.
const START_MAX: usize = 3 << 10;
/// Sections that are read.
const SECTIONS_MAX: usize = 96;
const COFF_BYTES: usize = 24;
const SECTION_BYTES: usize = 40;
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
}

/// The layout.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Where the program is entered, counted from where it lies in memory.
    pub(crate) entry: u32,
    /// Where it lies there.
    pub(crate) base: u32,
    pub(crate) sections: Vec<Section>,
    /// Where the table of sections ends in the file.
    pub(crate) headers: usize,
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
        }
    };
    Ok(Some(Layout {
        entry: u32_at(head, optional + 16),
        base: u32_at(head, optional + 28),
        sections: (0..count).map(section).collect(),
        headers,
        is_wide: u16_at(head, optional) == 0x020b,
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
}
