//! The import hash of a Windows program: the digest of what it imports, by name and in order.
//!
//! Names are joined as `library.function,library.function`, in small letters and without `.dll`,
//! `.ocx` or `.sys`; functions that are imported by number have their known names, or `ord` and the
//! number. So far this is what ClamAV and others compute; ClamAV gives no hash where a name has
//! another character than a letter, a digit, `_` or `.`, here it has one.

use crate::ordinals::ordinal_name;
use crate::pe::{Pe, u32_at};

/// Bytes of a section that are kept to read imports from them.
pub(crate) const IMPORT_BYTES_MAX: u64 = 1 << 20;

/// Libraries of which imports are read, and functions of each.
const IMPORTS_MAX: usize = 1024;

/// Functions of all libraries.
const FUNCTIONS_MAX: usize = 16 << 10;

/// The most bytes of a name that count.
const NAME_BYTES_MAX: usize = 256;

/// What joining the imports came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// The text that is hashed.
    Text(Vec<u8>),
    /// There are no imports, or they are not what they should be.
    Nothing,
    /// Some of it lies where no bytes were kept.
    Outside,
}

/// The stretch of the file to be kept for the imports of `pe`, if it has any: where it begins, and
/// how many bytes it has at most.
pub(crate) fn stretch(pe: &Pe) -> Option<(u64, u64)> {
    let (address, size) = pe.imports;
    if address == 0 || size == 0 {
        return None;
    }
    let at = pe.offset_of(address)?;
    match pe.section_at(address) {
        Some(section) if section.len <= IMPORT_BYTES_MAX => Some((section.offset, section.len)),
        Some(section) => {
            let end = section.offset.saturating_add(section.len);
            Some((at, end.saturating_sub(at).min(IMPORT_BYTES_MAX)))
        }
        // In the headers.
        None => Some((at, size.min(IMPORT_BYTES_MAX))),
    }
}

/// Bytes of the file that were kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'a> {
    /// The first bytes.
    pub(crate) head: &'a [u8],
    /// The bytes from `at` on.
    pub(crate) bytes: &'a [u8],
    pub(crate) at: u64,
    /// Bytes that the file has at most.
    pub(crate) size: u64,
}

/// Why a place of the file cannot be read.
enum Gone {
    /// There is no such place.
    Nowhere,
    /// It was not kept.
    Outside,
}

impl<'a> Kept<'a> {
    /// The kept bytes from the loaded `address` on.
    fn at(&self, pe: &Pe, address: u64) -> Result<&'a [u8], Gone> {
        let offset = pe.offset_of(address).ok_or(Gone::Nowhere)?;
        let into = |from: u64, bytes: &'a [u8]| {
            let index = usize::try_from(offset.checked_sub(from)?).ok()?;
            bytes.get(index..).filter(|rest| !rest.is_empty())
        };
        into(self.at, self.bytes).or_else(|| into(0, self.head)).ok_or(if offset < self.size {
            Gone::Outside
        } else {
            Gone::Nowhere
        })
    }

    /// The name at `address`, which ends with a zero.
    fn name(&self, pe: &Pe, address: u64) -> Result<&'a [u8], Gone> {
        let bytes = self.at(pe, address)?;
        let bytes = bytes.get(..NAME_BYTES_MAX).unwrap_or(bytes);
        let len = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Ok(bytes.get(..len).unwrap_or_default())
    }
}

/// Joins what `pe` imports.
pub(crate) fn join(pe: &Pe, kept: Kept<'_>) -> Joined {
    let mut text = Vec::new();
    match libraries(pe, kept, &mut text) {
        Ok(()) if text.is_empty() => Joined::Nothing,
        Ok(()) => Joined::Text(text),
        Err(Gone::Nowhere) => Joined::Nothing,
        Err(Gone::Outside) => Joined::Outside,
    }
}

fn libraries(pe: &Pe, kept: Kept<'_>, text: &mut Vec<u8>) -> Result<(), Gone> {
    let (address, size) = pe.imports;
    let table = kept.at(pe, address)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut left = FUNCTIONS_MAX;
    let count = (size.saturating_sub(1) / 20).min(IMPORTS_MAX);
    for row in table.chunks_exact(20).take(count) {
        let field = |at| u32_at(row, at).map_or(0, u64::from);
        let (by_name, name, bound) = (field(0), field(12), field(16));
        if name == 0 {
            break;
        }
        let library = kept.name(pe, name)?;
        let thunks = match by_name {
            0 => kept.at(pe, bound)?,
            address => kept.at(pe, address).or_else(|_| kept.at(pe, bound))?,
        };
        functions(pe, kept, library, thunks, &mut left, text)?;
    }
    Ok(())
}

fn functions(
    pe: &Pe,
    kept: Kept<'_>,
    library: &[u8],
    thunks: &[u8],
    left: &mut usize,
    text: &mut Vec<u8>,
) -> Result<(), Gone> {
    let library = library.to_ascii_lowercase();
    let dot = library.iter().position(|byte| *byte == b'.');
    let is_cut = |at: &usize| {
        let extension = library.get(*at..).unwrap_or_default();
        [b".dll", b".ocx", b".sys"].iter().any(|one| extension.starts_with(&one[..]))
    };
    let short = library.get(..dot.filter(is_cut).unwrap_or(library.len())).unwrap_or_default();
    let (width, by_number) = if pe.wide { (8, 1 << 63) } else { (4, 1 << 31) };
    for thunk in thunks.chunks_exact(width) {
        let thunk = crate::literal::little_endian(thunk);
        if thunk == 0 {
            break;
        }
        let Some(fewer) = left.checked_sub(1) else { break };
        *left = fewer;
        if !text.is_empty() {
            text.push(b',');
        }
        text.extend_from_slice(short);
        text.push(b'.');
        if thunk & by_number == 0 {
            // Behind a hint of two bytes.
            let address = (thunk & 0xFFFF_FFFF).saturating_add(2);
            text.extend(kept.name(pe, address)?.to_ascii_lowercase());
        } else {
            let number = (thunk & 0xFFFF) as u16;
            match ordinal_name(&library, number) {
                Some(name) => text.extend(name.to_ascii_lowercase().bytes()),
                None => text.extend(format!("ord{number}").bytes()),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pe::Head;
    use crate::pe::tests::program;

    /// A program that imports `first.dll!One`, `first.dll!Two` and number 115 of `WSOCK32.dll`,
    /// all in its section at 0x600.
    pub(crate) fn importing(wide: bool) -> Vec<u8> {
        let sections = [(0x1000, 0x400, 0x200), (0x2000, 0x600, 0x200)];
        let mut bytes = program(wide, 0x1000, (0x2000, 60), &sections);
        bytes[0x600..].fill(0);
        let mut put = |at: usize, value: &[u8]| {
            bytes[0x600 + at..][..value.len()].copy_from_slice(value);
        };
        put(0x80, b"first.dll\0");
        put(0x90, b"\x01\0One\0");
        put(0x98, b"\x02\0Two\0");
        put(0xA0, b"WSOCK32.dll\0");
        for (row, (thunks, name)) in [(0x100u32, 0x80u32), (0x120, 0xA0)].into_iter().enumerate() {
            put(20 * row, &(0x2000 + thunks).to_le_bytes());
            put(20 * row + 12, &(0x2000 + name).to_le_bytes());
        }
        let width = if wide { 8 } else { 4 };
        let number = if wide { 1 << 63 } else { 1 << 31 } + 115u64;
        for (at, value) in [(0x100, 0x2090), (0x100 + width, 0x2098), (0x120, number)] {
            put(at, &value.to_le_bytes()[..width]);
        }
        bytes
    }

    #[test]
    fn imports_are_joined_by_name() {
        for wide in [false, true] {
            let bytes = importing(wide);
            let Head::Whole(pe) = Pe::read(&bytes) else { panic!() };
            assert_eq!(stretch(&pe), Some((0x600, 0x200)));
            let kept = |bytes| Kept { head: &[], bytes, at: 0x600, size: 0x800 };
            let text = b"first.one,first.two,wsock32.wsastartup".to_vec();
            assert_eq!(join(&pe, kept(&bytes[0x600..])), Joined::Text(text));
            assert_eq!(join(&pe, kept(&bytes[0x600..0x680])), Joined::Outside);
            let kept = Kept { size: 0x680, ..kept(&bytes[0x600..0x680]) };
            assert_eq!(join(&pe, kept), Joined::Nothing);
        }
    }
}
