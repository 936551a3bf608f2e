//! The headers of a Windows program: where its sections lie, where it begins, what it imports.
//!
//! They are read from the first bytes of a part, as ClamAV reads them: addresses and sizes are
//! brought into line with the alignments that the program states. Nothing else is read here.

/// Bytes from the beginning of a part within which headers must lie.
pub(crate) const HEAD_BYTES_MAX: usize = 8 << 10;

/// Sections that a program may have, as ClamAV counts them.
const SECTIONS_MAX: usize = 96;

/// How much of the headers is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head<T> {
    /// All that is needed.
    Whole(T),
    /// More bytes are needed.
    Need,
    /// They are not those of such a program.
    Other,
    /// They lie behind [`HEAD_BYTES_MAX`].
    Far,
}

/// A stretch of the file that is loaded at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// The address, relative to that of the program.
    pub(crate) address: u64,
    /// Where it lies in the file.
    pub(crate) offset: u64,
    /// Bytes that the headers claim of the file; it may have fewer.
    pub(crate) len: u64,
}

/// What the headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pe {
    /// Whether it is PE32+: addresses of 64 bits.
    pub(crate) wide: bool,
    /// Address at which it begins.
    pub(crate) entry: u64,
    pub(crate) sections: Vec<Section>,
    /// Bytes of headers, which are loaded at their offsets.
    headers_len: u64,
    /// Address and size of the table of imports.
    pub(crate) imports: (u64, u64),
    /// Address of the resources.
    pub(crate) resources: u64,
}

/// The number of 16 bits at index `at`.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The number of 32 bits at index `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// `value` rounded down to a multiple of `to`, if that is any.
const fn down(value: u64, to: u64) -> u64 {
    match value.checked_rem(to) {
        Some(rest) => value - rest,
        None => value,
    }
}

/// `value` rounded up to a multiple of `to`, if that is any.
const fn up(value: u64, to: u64) -> u64 {
    match value.checked_rem(to) {
        None | Some(0) => value,
        Some(rest) => value - rest + to,
    }
}

impl Pe {
    /// Reads the headers from `head`, the bytes that a part begins with.
    pub(crate) fn read(head: &[u8]) -> Head<Self> {
        if !b"MZ".starts_with(head.get(..2).unwrap_or(head)) {
            return Head::Other;
        }
        let Some(at) = u32_at(head, 0x3C) else { return Head::Need };
        let at = at as usize;
        if at.saturating_add(24) > HEAD_BYTES_MAX {
            return Head::Far;
        }
        let Some(coff) = head.get(at..at + 24) else { return Head::Need };
        let sections = usize::from(u16_at(coff, 6).unwrap_or(0));
        let optional_len = usize::from(u16_at(coff, 20).unwrap_or(0));
        if !coff.starts_with(b"PE\0\0") || !(1..=SECTIONS_MAX).contains(&sections) {
            return Head::Other;
        }
        let table = at + 24 + optional_len;
        let end = table + 40 * sections;
        if end > HEAD_BYTES_MAX {
            return Head::Far;
        }
        let (Some(optional), Some(table)) = (head.get(at + 24..table), head.get(table..end)) else {
            return Head::Need;
        };
        Self::of(optional, table).map_or(Head::Other, Head::Whole)
    }

    fn of(optional: &[u8], table: &[u8]) -> Option<Self> {
        let wide = match u16_at(optional, 0)? {
            0x10B => false,
            0x20B => true,
            _ => return None,
        };
        let number = |at| u32_at(optional, at).map(u64::from);
        let directory = |index: usize| {
            let at = if wide { 112 } else { 96 } + 8 * index;
            let count = number(if wide { 108 } else { 92 }).unwrap_or(0);
            let is_there = (index as u64) < count;
            is_there.then(|| Some((number(at)?, number(at + 4)?))).flatten().unwrap_or((0, 0))
        };
        let align = number(32)?;
        let stated = number(36)?;
        let field = |row: &[u8], at| u32_at(row, at).map_or(0, u64::from);
        let is_off = |row: &[u8]| {
            let offset = field(row, 20);
            field(row, 16) != 0
                && offset.checked_rem(stated).is_some_and(|rest| rest != 0)
                && offset % 0x200 == 0
        };
        let file_align = if table.chunks_exact(40).any(is_off) { 0x200 } else { stated };
        let section = |row: &[u8]| Section {
            address: down(field(row, 12), align),
            offset: down(field(row, 20), file_align),
            len: up(field(row, 16), file_align),
        };
        Some(Self {
            wide,
            entry: number(16)?,
            sections: table.chunks_exact(40).map(section).collect(),
            headers_len: up(number(60)?, align),
            imports: directory(1),
            resources: directory(2).0,
        })
    }

    /// Where in the file what is loaded at `address` lies. Of sections that overlap the last
    /// counts.
    pub(crate) fn offset_of(&self, address: u64) -> Option<u64> {
        if address < self.headers_len {
            return Some(address);
        }
        let section = self.section_at(address)?;
        Some(address - section.address + section.offset)
    }

    /// The section that is loaded at `address`.
    pub(crate) fn section_at(&self, address: u64) -> Option<&Section> {
        let is_in =
            |one: &&Section| address.checked_sub(one.address).is_some_and(|into| into < one.len);
        self.sections.iter().rev().find(is_in)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A program with these sections: address, offset, bytes.
    pub(crate) fn program(
        wide: bool,
        entry: u32,
        imports: (u32, u32),
        sections: &[(u32, u32, u32)],
    ) -> Vec<u8> {
        let mut bytes = vec![0; 0x80];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3C] = 0x80;
        let optional_len: u16 = if wide { 240 } else { 224 };
        bytes.extend(b"PE\0\0\x4c\x01");
        bytes.extend((sections.len() as u16).to_le_bytes());
        bytes.extend([0; 12]);
        bytes.extend(optional_len.to_le_bytes());
        bytes.extend([2, 1]);
        let at = bytes.len();
        bytes.resize(at + usize::from(optional_len), 0);
        let mut put = |offset: usize, value: u32| {
            bytes[at + offset..][..4].copy_from_slice(&value.to_le_bytes());
        };
        put(0, if wide { 0x20B } else { 0x10B });
        put(16, entry);
        put(32, 0x1000);
        put(36, 0x200);
        put(56, 0x10000);
        put(60, 0x400);
        let directories = if wide { 108 } else { 92 };
        put(directories, 16);
        put(directories + 12, imports.0);
        put(directories + 16, imports.1);
        for (address, offset, len) in sections {
            let mut row = [0; 40];
            row[..5].copy_from_slice(b".text");
            row[8..12].copy_from_slice(&len.to_le_bytes());
            row[12..16].copy_from_slice(&address.to_le_bytes());
            row[16..20].copy_from_slice(&len.to_le_bytes());
            row[20..24].copy_from_slice(&offset.to_le_bytes());
            bytes.extend(row);
        }
        let end = sections.iter().map(|(_, offset, len)| offset + len).max().unwrap_or(0);
        bytes.resize(bytes.len().max(end as usize), b'.');
        bytes
    }

    #[test]
    fn headers_are_read_once_they_are_whole() {
        for wide in [false, true] {
            let bytes = program(
                wide,
                0x1010,
                (0x2000, 40),
                &[(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x1F0)],
            );
            let Head::Whole(pe) = Pe::read(&bytes) else { panic!("{:?}", Pe::read(&bytes)) };
            assert_eq!((pe.wide, pe.entry, pe.imports), (wide, 0x1010, (0x2000, 40)));
            let second = Section { address: 0x2000, offset: 0x600, len: 0x200 };
            assert_eq!(pe.sections[1], second);
            for (address, offset) in [
                (0x10, Some(0x10)),
                (0x1010, Some(0x410)),
                (0x11FF, Some(0x5FF)),
                (0x1200, None),
                (0x21FF, Some(0x7FF)),
                (0x3000, None),
            ] {
                assert_eq!(pe.offset_of(address), offset, "{address:x}");
            }
            let whole = 0x80 + 24 + if wide { 240 } else { 224 } + 80;
            for end in 0..whole {
                assert_eq!(Pe::read(&bytes[..end]), Head::Need, "{end}");
            }
            assert!(matches!(Pe::read(&bytes[..whole]), Head::Whole(_)));
        }
    }

    #[test]
    fn what_is_no_program_or_too_far_is_told_apart() {
        let mut bytes = program(false, 0, (0, 0), &[(0x1000, 0x400, 0x200)]);
        for (at, value, expected) in [
            (0, b'N', Head::Other),
            (0x3D, 0x40, Head::Far),
            (0x80, b'N', Head::Other),
            (0x86, 0, Head::Other),
            (0x86, 97, Head::Other),
            (0x95, 0x7F, Head::Far),
            (0x98, 0, Head::Other),
        ] {
            let old = std::mem::replace(&mut bytes[at], value);
            assert_eq!(Pe::read(&bytes), expected, "{at:x}");
            bytes[at] = old;
        }
    }
}
