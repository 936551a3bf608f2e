//! Archives and file systems that are known and not opened: APFS, ARC and PAK, DMS, exFAT, LZX of the Amiga, NTFS,
//! files that `sq` squeezed, ZOO.
//! Each is told by more of its header than a signature, so that what is in it does not count as
//! looked at, and nothing else is taken for one.

use super::headed::{u16_at, u32_at};

/// Bytes of the header of DMS, of which the last two are the checksum of those behind the first four.
const DMS_BYTES: usize = 56;
/// Where the first entry of LZX begins, and its bytes before names.
const LZX_AT: usize = 10;
const LZX_BYTES: usize = 31;
/// Longest name in ARC, its zero included.
const ARC_NAME_BYTES: usize = 13;
const ARC_BYTES: usize = 29;

/// Whether a part is such an archive that begins with `first`, its first 512 bytes or all.
pub(crate) fn is_known(first: &[u8]) -> bool {
    match first {
        [0x1a, 2..=11, ..] => is_arc(first),
        [0x76, 0xff, ..] => is_squeezed(first),
        [b'D', b'M', b'S', b'!', ..] => is_dms(first),
        [b'L', b'Z', b'X', ..] => is_lzx(first),
        [0xeb, _, 0x90, ..] => is_file_system(first),
        _ => is_apfs(first) || is_zoo(first),
    }
}

/// A name in letters that is not empty, and its zero.
fn name_bytes(bytes: &[u8]) -> Option<usize> {
    let end = memchr::memchr(0, bytes)?;
    let name = bytes.get(..end)?;
    let is_name = name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.iter().all(|byte| byte.is_ascii_graphic() && !b"/\\:".contains(byte));
    is_name.then_some(end + 1)
}

/// A member of ARC, or of PAK, which has more methods.
fn is_arc(first: &[u8]) -> bool {
    let name = first.get(2..2 + ARC_NAME_BYTES).unwrap_or_default();
    let (packed, unpacked) = (u32_at(first, 15), u32_at(first, 25));
    let (date, time) = (u16_at(first, 19), u16_at(first, 21));
    let is_day = date == 0 || (1..=12).contains(&(date >> 5 & 15)) && date & 31 > 0;
    let is_time = time >> 11 < 24 && time >> 5 & 63 < 60 && time & 31 < 30;
    // What does not become smaller is stored.
    let is_size = packed <= unpacked && unpacked < 1 << 31;
    first.len() >= ARC_BYTES && name_bytes(name).is_some() && is_day && is_time && is_size
}

/// A checksum, a name, and a tree of no more nodes than there are bytes.
fn is_squeezed(first: &[u8]) -> bool {
    let rest = first.get(4..).unwrap_or_default();
    name_bytes(rest).is_some_and(|bytes| (1..=256).contains(&u16_at(rest, bytes)))
}

fn is_dms(first: &[u8]) -> bool {
    let Some(head) = first.get(..DMS_BYTES) else { return false };
    let (summed, sum) = head.split_at(DMS_BYTES - 2);
    let crc = summed.iter().skip(4).fold(0u16, |crc, byte| {
        (0..8)
            .fold(crc ^ u16::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xa001 } else { 0 })
    });
    sum == crc.to_be_bytes()
}

/// An entry with the checksum of itself, in which that counts as zeros.
fn is_lzx(first: &[u8]) -> bool {
    const CRC_AT: usize = 26;
    let rest = first.get(LZX_AT..).unwrap_or_default();
    let [comment, name] = [14, 30].map(|at| rest.get(at).copied().map_or(0, usize::from));
    let Some(entry) = rest.get(..LZX_BYTES + name + comment) else { return false };
    let mut crc = crc32fast::Hasher::new();
    crc.update(entry.get(..CRC_AT).unwrap_or_default());
    crc.update(&[0; 4]);
    crc.update(entry.get(CRC_AT + 4..).unwrap_or_default());
    name > 0 && crc.finalize() == u32_at(entry, CRC_AT)
}

/// NTFS and exFAT, by their names and the end of their first sector.
fn is_file_system(first: &[u8]) -> bool {
    let is_named = matches!(first.get(3..11), Some(b"EXFAT   " | b"NTFS    "));
    is_named && first.get(510..512) == Some(b"\x55\xaa")
}

/// APFS, by the block that tells of a container: its signature, and how large blocks are.
fn is_apfs(first: &[u8]) -> bool {
    first.get(32..36) == Some(b"NXSB") && matches!(u32_at(first, 36), 4_096..=65_536)
}

/// A tag, and the place of the first member with what makes it zero.
fn is_zoo(first: &[u8]) -> bool {
    let (start, minus) = (u32_at(first, 24), u32_at(first, 28));
    first.get(20..24) == Some(b"\xdc\xa7\xc4\xfd") && start > 0 && start.wrapping_add(minus) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crafted::foreign::all;

    #[test]
    fn each_is_told_by_its_whole_header() {
        for (format, bytes, header) in all() {
            assert!(is_known(&bytes), "{format}");
            assert!(is_known(&bytes[..header]), "{format}");
            for cut in 0..header {
                assert!(!is_known(&bytes[..cut]), "{format} by {cut}");
            }
        }
    }

    #[test]
    fn words_and_other_files_are_none() {
        for bytes in [
            &b"DMS! is what an image of a disk begins with, which has a header of 56 bytes."[..],
            b"LZX is a way to pack files, and an archive of that begins with these letters.",
            b"ZOO 2.10 Archive.\x1a is what archives of zoo begin with, and then comes a tag",
            b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42",
            b"\x1a\x02\x01\x02\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            b"v\xff\0\0 a\0\x05\0",
            b"",
        ] {
            assert!(!is_known(bytes), "{bytes:?}");
        }
    }
}
