//! The resources of a Windows program: the strings of its version information.
//!
//! A tree of three levels, by type, name and language, leads to the resources. Version information is
//! read as ClamAV reads it: what is not as it should be ends the look at it, and strings without a value
//! count for nothing.

use std::collections::BTreeSet;

use crate::pe::{Pe, u16_at, u32_at};

/// Bytes of the stretch of the file that resources are read from.
pub(crate) const RESOURCE_BYTES_MAX: u64 = 4 << 20;

/// The type of version information.
const VERSION: u32 = 16;

/// Resources of one type that are looked at.
const RESOURCES_MAX: usize = 256;

/// Strings of version information that are looked at.
const STRINGS_MAX: usize = 4096;

/// The stretch of the file that the resources of `pe` lie in: where it begins, and how many bytes it
/// has at most.
pub(crate) fn stretch(pe: &Pe) -> Option<(u64, u64)> {
    let at = pe.offset_of(pe.resources).filter(|_| pe.resources != 0)?;
    let section = pe.section_at(pe.resources)?;
    let from = if section.len <= RESOURCE_BYTES_MAX { section.offset } else { at };
    let end = section.offset.saturating_add(section.len);
    Some((from, end.saturating_sub(from).min(RESOURCE_BYTES_MAX)))
}

/// A program, and what was gathered of that stretch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resources<'a> {
    pub(crate) pe: &'a Pe,
    pub(crate) bytes: &'a [u8],
    /// Where the bytes begin.
    pub(crate) at: u64,
    /// Bytes that the file has.
    pub(crate) size: u64,
}

/// Some of it lies where no bytes were gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outside;

impl<'a> Resources<'a> {
    /// The bytes at the loaded `address`, and where they lie in the file; nothing if the file does not
    /// have them.
    fn at(&self, address: u64) -> Result<Option<(&'a [u8], u64)>, Outside> {
        let Some(offset) = self.pe.offset_of(address).filter(|at| *at < self.size) else {
            return Ok(None);
        };
        let index = offset.checked_sub(self.at).and_then(|index| usize::try_from(index).ok());
        let bytes = index.and_then(|index| self.bytes.get(index..));
        match bytes.filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => Ok(Some((bytes, offset))),
            None => Err(Outside),
        }
    }

    /// The rows of the directory at `address`: the number of each, and where it leads.
    fn rows(&self, address: u64) -> Result<Vec<(u32, u32)>, Outside> {
        let Some((bytes, _)) = self.at(address)? else { return Ok(Vec::new()) };
        let (Some(named), Some(numbered)) = (u16_at(bytes, 12), u16_at(bytes, 14)) else {
            return Ok(Vec::new());
        };
        let rows = bytes.get(16..).unwrap_or_default().chunks_exact(8);
        let rows = rows.take(usize::from(named) + usize::from(numbered));
        Ok(rows.filter_map(|row| Some((u32_at(row, 0)?, u32_at(row, 4)?))).collect())
    }

    /// Where the rows of a directory lead to that are directories again, if they should be, or are none.
    fn below(&self, address: u64, of: Option<u32>, level: Level) -> Result<Vec<u64>, Outside> {
        let rows = self.rows(address)?.into_iter();
        let rows = rows.filter(|(number, to)| {
            of.is_none_or(|of| of == *number) && (to >> 31 == 1) == (level == Level::Directory)
        });
        let address = |to: u32| self.pe.resources.saturating_add(u64::from(to & 0x7FFF_FFFF));
        Ok(rows.map(|(_, to)| address(to)).take(RESOURCES_MAX).collect())
    }

    /// The bytes of all resources of a type, and where each lies in the file.
    fn of_type(&self, of: u32) -> Result<Vec<(&'a [u8], u64)>, Outside> {
        let mut all = Vec::new();
        for names in self.below(self.pe.resources, Some(of), Level::Directory)? {
            for languages in self.below(names, None, Level::Directory)? {
                for leaf in self.below(languages, None, Level::Leaf)? {
                    let Some((row, _)) = self.at(leaf)? else { continue };
                    let (Some(address), Some(len)) = (u32_at(row, 0), u32_at(row, 4)) else {
                        continue;
                    };
                    let Some((bytes, offset)) = self.at(address.into())? else { continue };
                    match bytes.get(..len as usize) {
                        Some(bytes) => all.push((bytes, offset)),
                        // The file may end before it does.
                        None if offset.saturating_add(len.into()) <= self.size => {
                            return Err(Outside);
                        }
                        None => {}
                    }
                    if all.len() >= RESOURCES_MAX {
                        return Ok(all);
                    }
                }
            }
        }
        Ok(all)
    }

    /// Where in the file the names of the strings of version information begin.
    pub(crate) fn versions(&self) -> Result<BTreeSet<u64>, Outside> {
        let mut all = BTreeSet::new();
        for (bytes, offset) in self.of_type(VERSION)? {
            strings(bytes, |at| {
                if all.len() < STRINGS_MAX {
                    all.insert(offset.saturating_add(at as u64));
                }
            });
        }
        Ok(all)
    }
}

/// What a row of a directory leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Directory,
    Leaf,
}

/// Bytes before the strings of version information: a head, its name, and numbers.
const HEAD: usize = 6 + 0x20 + 2 + 0x34;

/// Hands the index at which the name of each string of the version information `bytes` begins to `take`.
fn strings(bytes: &[u8], mut take: impl FnMut(usize)) {
    // A head is how many bytes it and what is below it has, how many those of its value, and its kind.
    let len = |at: usize| u16_at(bytes, at).map_or(0, usize::from);
    let is_named = |at: usize, name: &str| {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        bytes.get(at + 6..).is_some_and(|rest| rest.starts_with(&name))
    };
    let whole = len(0);
    let is_version = whole <= bytes.len()
        && whole > HEAD
        && len(2) == 0x34
        && is_named(0, "VS_VERSION_INFO")
        && u32_at(bytes, 0x28) == Some(0xFEEF_04BD);
    if !is_version {
        return;
    }
    let mut at = HEAD;
    if is_named(at, "VarFileInfo") && at + len(at) <= whole {
        at += len(at);
    }
    let end = at + len(at);
    if end > whole || len(at) <= 6 + 0x1E || !is_named(at, "StringFileInfo") {
        return;
    }
    let mut table = at + 6 + 0x1E;
    while table + 6 < end {
        let table_end = table + len(table);
        if table_end > end || len(table) <= 24 {
            return;
        }
        let mut string = table + 24;
        while string + 6 < table_end {
            let string_len = len(string).next_multiple_of(4);
            if string + string_len > table_end || string_len <= 6 + 2 + 8 {
                return;
            }
            if has_value(bytes.get(string..string + string_len).unwrap_or_default()) {
                take(string + 6);
            }
            string += string_len;
        }
        table = table_end;
    }
}

/// Whether there is a value behind the name of a string.
fn has_value(string: &[u8]) -> bool {
    let name = string.get(6..).unwrap_or_default().chunks_exact(2);
    let count = name.take_while(|letter| *letter != [0, 0]).count();
    let value = (6 + 2 * (count + 1)).next_multiple_of(4);
    value + 2 < string.len()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pe::Head;
    use crate::pe::tests::program;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    /// A head, a name and what is below it, each at a multiple of four bytes.
    fn node(value_len: u16, name: &str, below: &[u8]) -> Vec<u8> {
        let mut bytes = [&[0, 0][..], &value_len.to_le_bytes(), &[1, 0], &wide(name)].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(below);
        let len = bytes.len() as u16;
        bytes[..2].copy_from_slice(&len.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// Version information with these strings.
    fn version(strings: &[(&str, &str)]) -> Vec<u8> {
        let string = |(name, value): &(&str, &str)| {
            let value = if value.is_empty() { Vec::new() } else { wide(value) };
            node(value.len() as u16 / 2, name, &value)
        };
        let strings: Vec<u8> = strings.iter().flat_map(string).collect();
        let table = node(0, "StringFileInfo", &node(0, "040904b0", &strings));
        let mut numbers = vec![0; 0x34];
        numbers[..4].copy_from_slice(&0xFEEF_04BDu32.to_le_bytes());
        node(0x34, "VS_VERSION_INFO", &[numbers, table].concat())
    }

    /// A program whose second section, at 0x600, has resources: version information with `strings`.
    pub(crate) fn with_version(pe_wide: bool, strings: &[(&str, &str)]) -> Vec<u8> {
        let version = version(strings);
        let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x400)];
        let mut bytes = program(pe_wide, 0x1000, (0, 0), &sections);
        let directories = 0x80 + 24 + if pe_wide { 112 } else { 96 };
        bytes[directories + 16..][..4].copy_from_slice(&0x2000u32.to_le_bytes());
        bytes[directories + 20..][..4].copy_from_slice(&0x400u32.to_le_bytes());
        bytes[0x600..].fill(0);
        let mut put = |at: usize, value: u32| {
            bytes[0x600 + at..][..4].copy_from_slice(&value.to_le_bytes());
        };
        for (at, number, to) in
            [(0, 16, 0x8000_0018u32), (0x18, 1, 0x8000_0030), (0x30, 0x409, 0x48)]
        {
            put(at + 12, 1 << 16);
            put(at + 16, number);
            put(at + 20, to);
        }
        put(0x48, 0x2060);
        put(0x4C, version.len() as u32);
        bytes[0x660..][..version.len()].copy_from_slice(&version);
        bytes
    }

    fn versions(bytes: &[u8], size: usize) -> Result<BTreeSet<u64>, Outside> {
        let Head::Whole(pe) = Pe::read(bytes) else { panic!() };
        let (at, len) = stretch(&pe).unwrap();
        assert_eq!((at, len), (0x600, 0x400));
        let gathered = &bytes[0x600..size];
        Resources { pe: &pe, bytes: gathered, at, size: size as u64 }.versions()
    }

    #[test]
    fn strings_of_version_information_are_found_where_they_stand() {
        for pe_wide in [false, true] {
            let strings = [("Company", "Own"), ("Nothing", ""), ("Name", "Worm"), ("Other", "x")];
            let bytes = with_version(pe_wide, &strings);
            let find = |text: &str| {
                let text = wide(text);
                bytes.windows(text.len()).position(|one| one == text).unwrap() as u64
            };
            let expected = BTreeSet::from([find("Company"), find("Name"), find("Other")]);
            assert_eq!(versions(&bytes, bytes.len()), Ok(expected));
            // Cut before it begins, or in it.
            assert_eq!(versions(&bytes, 0x650), Ok(BTreeSet::new()));
            assert_eq!(versions(&bytes, 0x680), Ok(BTreeSet::new()));
            let Head::Whole(pe) = Pe::read(&bytes) else { panic!() };
            let size = bytes.len() as u64;
            let some = Resources { pe: &pe, bytes: &bytes[0x600..0x680], at: 0x600, size };
            assert_eq!(some.versions(), Err(Outside));
        }
    }

    #[test]
    fn what_is_no_version_information_has_no_strings() {
        let good = version(&[("Name", "Worm")]);
        let count = |bytes: &[u8]| {
            let mut count = 0;
            strings(bytes, |_| count += 1);
            count
        };
        assert_eq!(count(&good), 1);
        for at in [2, 6, 0x28, HEAD + 6, HEAD + 6 + 0x1E] {
            let mut bytes = good.clone();
            bytes[at] ^= 0x7F;
            assert_eq!(count(&bytes), 0, "{at:x}");
        }
        for end in 0..good.len() - 4 {
            assert_eq!(count(&good[..end]), 0, "{end}");
        }
    }
}
