//! The headers of an ELF program: where it begins, and the table of its sections, which stands at the
//! end of the file as a rule.
//!
//! Both widths and both byte orders are read, as ClamAV reads them: a program of more segments or
//! sections than it takes, or whose rows have another size than theirs, has no places at all.

use crate::pe::{HEAD_BYTES_MAX, Head};

/// Segments that a program may have.
const SEGMENTS_MAX: usize = 128;

/// Sections that a program may have.
const SECTIONS_MAX: usize = 256;

/// Numbers in the byte order, and of the width, that a program states.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether the highest byte of a number comes first.
    pub(crate) big: bool,
    /// Whether words have 64 bits.
    pub(crate) wide: bool,
}

impl Reader<'_> {
    pub(crate) fn u16(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }.into())
    }

    pub(crate) fn u32(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }.into())
    }

    pub(crate) fn u64(self, at: usize) -> Option<u64> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A number of 64 bits in wide programs, of 32 in others.
    pub(crate) fn word(self, at: usize) -> Option<u64> {
        if self.wide { self.u64(at) } else { self.u32(at) }
    }
}

/// What the headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elf {
    /// Where it begins to run, in the file; the beginning of the file where the headers name no place.
    pub(crate) entry: u64,
    /// How many sections it has.
    pub(crate) section_count: u64,
    /// Where the table of sections stands.
    table: u64,
    big: bool,
    wide: bool,
}

impl Elf {
    /// Reads the headers from `head`, the bytes that a part begins with.
    pub(crate) fn read(head: &[u8]) -> Head<Self> {
        if !b"\x7fELF".starts_with(head.get(..4).unwrap_or(head)) {
            return Head::Other;
        }
        let (Some(class), Some(order)) = (head.get(4), head.get(5)) else { return Head::Need };
        if !matches!(class, 1 | 2) {
            return Head::Other;
        }
        let reader = Reader { bytes: head, big: *order != 1, wide: *class == 2 };
        // Entry, tables of segments and of sections; then sizes and counts of their rows.
        let (words, halves) = if reader.wide {
            ([24, 32, 40], [54, 56, 58, 60])
        } else {
            ([24, 28, 32], [42, 44, 46, 48])
        };
        let [Some(entry), Some(segments), Some(table)] = words.map(|at| reader.word(at)) else {
            return Head::Need;
        };
        let [Some(row), Some(count), Some(section_row), Some(section_count)] =
            halves.map(|at| reader.u16(at))
        else {
            return Head::Need;
        };
        let known = |count: u64, max: usize| usize::try_from(count).ok().filter(|one| *one <= max);
        let (Some(count), Some(_)) =
            (known(count, SEGMENTS_MAX), known(section_count, SECTIONS_MAX))
        else {
            return Head::Other;
        };
        if section_row != section_row_len(reader.wide) {
            return Head::Other;
        }
        let (big, wide) = (reader.big, reader.wide);
        let whole = |entry| Head::Whole(Self { entry, section_count, table, big, wide });
        if count == 0 || entry == 0 {
            return whole(0);
        }
        let row_len = if wide { 56 } else { 32 };
        if row != row_len as u64 {
            return Head::Other;
        }
        let at = usize::try_from(segments).unwrap_or(usize::MAX);
        let end = at.saturating_add(count * row_len);
        if end > HEAD_BYTES_MAX {
            return Head::Far;
        }
        let Some(rows) = head.get(at..end) else { return Head::Need };
        let entry = rows
            .chunks_exact(row_len)
            .find_map(|row| into_segment(Reader { bytes: row, ..reader }, entry));
        entry.map_or(Head::Other, whole)
    }

    /// Where the table of sections stands, and how many bytes it has.
    pub(crate) fn table(&self) -> (u64, u64) {
        (self.table, self.section_count * section_row_len(self.wide))
    }

    /// Where each section begins, and how many bytes it has, if `table` has all of them.
    pub(crate) fn sections(&self, table: &[u8]) -> Option<Vec<(u64, u64)>> {
        let row_len = usize::try_from(section_row_len(self.wide)).ok()?;
        let count = usize::try_from(self.section_count).ok()?;
        let places = if self.wide { [24, 32] } else { [16, 20] };
        let section = |row| {
            let reader = Reader { bytes: row, big: self.big, wide: self.wide };
            let [offset, len] = places.map(|at| reader.word(at));
            Some((offset?, len?))
        };
        let rows = table.get(..count * row_len)?.chunks_exact(row_len);
        rows.map(section).collect()
    }
}

/// Where in the file the address `entry` lies, if it is in the segment that `row` is about.
fn into_segment(row: Reader<'_>, entry: u64) -> Option<u64> {
    // Where offset, address and size in memory stand.
    let [offset, address, len] = if row.wide { [8, 16, 40] } else { [4, 8, 20] };
    let into = entry.checked_sub(row.word(address)?)?;
    if into < row.word(len)? { row.word(offset)?.checked_add(into) } else { None }
}

const fn section_row_len(wide: bool) -> u64 {
    if wide { 64 } else { 40 }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A program that begins 16 bytes into its one segment, which lies at 0x100, with `sections`, of
    /// which the table stands at the end.
    pub(crate) fn program(wide: bool, big: bool, sections: &[(u64, u64)]) -> Vec<u8> {
        let mut bytes = vec![b'.'; 0x200];
        bytes[..0x100].fill(0);
        bytes[..7].copy_from_slice(b"\x7fELF\0\0\x01");
        bytes[4..6].copy_from_slice(&[1 + u8::from(wide), 1 + u8::from(big)]);
        let word = if wide { 8 } else { 4 };
        let row_len = if wide { 64 } else { 40 };
        let end = sections.iter().map(|(at, len)| at + len).max().unwrap_or(0).max(0x200) as usize;
        bytes.resize(end + row_len * sections.len(), b'.');
        bytes[end..].fill(0);
        let mut put = |at: usize, len: usize, value: u64| {
            let all = value.to_be_bytes();
            bytes[at..at + len].copy_from_slice(&all[8 - len..]);
            if !big {
                bytes[at..at + len].reverse();
            }
        };
        put(16, 2, 2);
        put(18, 2, if wide { 62 } else { 3 });
        put(20, 4, 1);
        put(24, word, 0x40_0010);
        put(24 + word, word, 0x80);
        put(24 + 2 * word, word, end as u64);
        let halves = if wide { 52 } else { 40 };
        let sizes = [if wide { 64 } else { 52 }, if wide { 56 } else { 32 }, 1, row_len as u64];
        for (at, value) in (halves..).step_by(2).zip(sizes) {
            put(at, 2, value);
        }
        put(halves + 8, 2, sections.len() as u64);
        let row = if wide { [8, 16, 32, 40] } else { [4, 8, 16, 20] };
        for (at, value) in row.into_iter().zip([0x100, 0x40_0000, 0x50, 0x50]) {
            put(0x80 + at, word, value);
        }
        put(0x80, 4, 1);
        let places = if wide { [24, 32] } else { [16, 20] };
        for (index, (at, len)) in sections.iter().enumerate() {
            let row = end + row_len * index;
            put(row + 4, 4, 1);
            put(row + places[0], word, *at);
            put(row + places[1], word, *len);
        }
        bytes
    }

    const FORMS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

    #[test]
    fn headers_tell_the_entry_and_the_table_of_sections() {
        let sections = [(0, 0), (0x110, 0x20), (0x130, 0x10)];
        for (wide, big) in FORMS {
            let bytes = program(wide, big, &sections);
            let Head::Whole(elf) = Elf::read(&bytes) else { panic!("{:?}", Elf::read(&bytes)) };
            assert_eq!((elf.entry, elf.section_count), (0x110, 3));
            let (at, len) = elf.table();
            assert_eq!(at + len, bytes.len() as u64);
            let table = &bytes[at as usize..];
            assert_eq!(elf.sections(table), Some(sections.to_vec()));
            assert_eq!(elf.sections(&table[1..]), None);
            for end in 0..0x80 + if wide { 56 } else { 32 } {
                assert_eq!(Elf::read(&bytes[..end]), Head::Need, "{end}");
            }
        }
    }

    #[test]
    fn programs_that_are_not_as_they_should_be_have_no_places() {
        for (wide, big) in FORMS {
            let halves = if wide { 52 } else { 40 };
            // Sizes and counts of rows, segments and sections, an entry nowhere, a class that is none.
            for at in [halves + 2, halves + 4, halves + 6, halves + 8, 24, 4] {
                let mut bytes = program(wide, big, &[(0x100, 2)]);
                bytes[at..at + 2].fill(0x11);
                assert_eq!(Elf::read(&bytes), Head::Other, "{at}");
            }
            let mut bytes = program(wide, big, &[]);
            bytes[24..if wide { 32 } else { 28 }].fill(0);
            let Head::Whole(elf) = Elf::read(&bytes) else { panic!() };
            assert_eq!((elf.entry, elf.section_count), (0, 0));
            bytes[24] = 1;
            bytes[24 + if wide { 8 } else { 4 }..][..4].fill(0x7f);
            assert_eq!(Elf::read(&bytes), Head::Far);
        }
    }
}
