//! Archives that have something before them, as programs open them: RAR, 7z and cabinets behind a text or
//! a page. They are told by their signature and a first header that makes sense. ZIP archives are not
//! looked for here: [`ZipWalk`](super::zip::ZipWalk) has its own search.

use super::headed::{u16_at, u32_at};
use super::rar;

/// What each begins with.
pub(crate) const SIGNATURES: [&[u8]; 3] = [b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", CABINET];
pub(crate) const CABINET: &[u8] = b"MSCF";
/// Bytes by which each is told, at the most.
#[cfg(test)]
const HEADER_BYTES_MAX: usize = CABINET_BYTES;
const CABINET_BYTES: usize = 36;
const SEVEN_ZIP_BYTES: usize = 32;
const RAR_4_BYTES: usize = 10;

/// What stands where a signature was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    /// So many bytes have to be seen first, counted from the signature.
    Need(usize),
    Nothing,
    /// An archive of so many bytes, or of all that follows.
    Archive(u64),
}

/// Tells what `head` is, which may begin with a signature.
pub(crate) fn look(head: &[u8]) -> Behind {
    let common = |signature: &&[u8]| {
        let seen = head.get(..signature.len()).unwrap_or(head);
        signature.starts_with(seen)
    };
    let Some(signature) = SIGNATURES.iter().find(|signature| common(signature)) else {
        return Behind::Nothing;
    };
    if head.len() < signature.len() {
        return Behind::Need(signature.len());
    }
    let told = match signature.first() {
        Some(b'R') => rar(head),
        Some(b'7') => seven_zip(head).map(|bytes| bytes.or_else(|| unfinished(head))),
        _ => cabinet(head).map(|bytes| bytes.or_else(|| odd_cabinet(head))),
    };
    match told {
        Ok(Some(bytes)) => Behind::Archive(bytes),
        Ok(None) => Behind::Nothing,
        Err(need) => Behind::Need(need),
    }
}

/// Whether an archive begins with the first of `bytes`; nothing while that takes more of them.
pub(crate) fn told(bytes: &[u8]) -> Option<bool> {
    let mut seen = 0;
    while let Some(head) = bytes.get(..seen) {
        seen = match look(head) {
            Behind::Need(need) => need.max(seen + 1),
            Behind::Nothing => return Some(false),
            Behind::Archive(_) => return Some(true),
        };
    }
    None
}

/// A cabinet ([MS-CAB], section 2.1) by its header: its length, or how many bytes have to be seen.
pub(super) fn cabinet(head: &[u8]) -> Result<Option<u64>, usize> {
    if head.len() < CABINET_BYTES {
        return Err(CABINET_BYTES);
    }
    // What is reserved may hold anything.
    let is_sound = head.get(24..26) == Some(&[3, 1]) && has_files(head) && u16_at(head, 26) < 1_000;
    Ok(is_sound.then_some(u32_at(head, 8).into()))
}

/// Whether it has folders and files, and a place for their list.
fn has_files(head: &[u8]) -> bool {
    let (bytes, files) = (u32_at(head, 8), u32_at(head, 16));
    let is_inside = (CABINET_BYTES as u32..bytes).contains(&files);
    is_inside && u16_at(head, 26) > 0 && u16_at(head, 28) > 0
}

/// The same of another version, which some programs open, and with many folders: what is reserved is zeros.
fn odd_cabinet(head: &[u8]) -> Option<u64> {
    let reserved = [4, 12, 20].map(|at| u32_at(head, at));
    (reserved == [0; 3] && has_files(head)).then_some(u32_at(head, 8).into())
}

/// A 7z archive (7zFormat.txt, "Archive structure") by its start header: the same.
pub(super) fn seven_zip(head: &[u8]) -> Result<Option<u64>, usize> {
    if head.len() < SEVEN_ZIP_BYTES {
        return Err(SEVEN_ZIP_BYTES);
    }
    let start = head.get(12..SEVEN_ZIP_BYTES).unwrap_or_default();
    let is_sound =
        head.get(4..7) == Some(&[0x27, 0x1c, 0]) && crc32fast::hash(start) == u32_at(head, 8);
    let number = |at: usize| u64::from(u32_at(head, at + 4)) << 32 | u64::from(u32_at(head, at));
    let bytes = number(12).saturating_add(number(20)).saturating_add(SEVEN_ZIP_BYTES as u64);
    Ok(is_sound.then_some(bytes))
}

/// One whose writer has not come to the end: some find what was written last.
fn unfinished(head: &[u8]) -> Option<u64> {
    let is_empty = head.get(8..SEVEN_ZIP_BYTES)?.iter().all(|byte| *byte == 0);
    (head.get(6) == Some(&0) && is_empty).then_some(u64::MAX)
}

/// A RAR archive (technote.txt) by its mark and the kind of its first block: the same.
pub(super) fn rar(head: &[u8]) -> Result<Option<u64>, usize> {
    const NUMBER_BYTES_MAX: usize = 10;
    let is_sound = match head.get(4..8) {
        None => return Err(8),
        Some([0x1a, 7, 0, _]) => *head.get(RAR_4_BYTES - 1).ok_or(RAR_4_BYTES)? == 0x73,
        Some([0x1a, 7, 1, 0]) => {
            // Checksum, length of the block, kind: an archive, or that it is encrypted.
            let next = |at: usize| match rar::number(head, at) {
                None if head.len() < at + NUMBER_BYTES_MAX => Err(head.len() + 1),
                number => Ok(number),
            };
            match next(12)? {
                Some((_, at)) => next(at)?.is_some_and(|(kind, _)| matches!(kind, 1 | 4)),
                None => false,
            }
        }
        Some(_) => false,
    };
    Ok(is_sound.then_some(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cabinet(version: [u8; 2], reserved: u8, folders: u8) -> Vec<u8> {
        let mut head = b"MSCF\0\0\0\0\x90\x01\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0".to_vec();
        head.extend_from_slice(&version);
        head.extend_from_slice(&[folders, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        head[20] = reserved;
        head
    }

    #[track_caller]
    fn check(head: &[u8], want: Behind, need: usize) {
        // As few bytes as are needed tell the same as more; fewer ask for more, and never for all.
        assert_eq!(look(&[head, b"and more"].concat()), want);
        assert_eq!(look(&head[..need]), want);
        for seen in 0..need {
            match look(&head[..seen]) {
                Behind::Need(more) => assert!(more > seen && more <= HEADER_BYTES_MAX, "{seen}"),
                other => assert_eq!((other, seen), (Behind::Nothing, need)),
            }
        }
    }

    #[test]
    fn headers_that_make_sense() {
        check(&cabinet([3, 1], 0, 1), Behind::Archive(400), 36);
        check(&cabinet([3, 1], 9, 1), Behind::Archive(400), 36);
        check(&cabinet([2, 1], 0, 1), Behind::Archive(400), 36);
        check(&cabinet([2, 1], 9, 1), Behind::Nothing, 36);
        check(&cabinet([3, 1], 0, 0), Behind::Nothing, 36);
        check(
            &[&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &[0; 24]].concat(),
            Behind::Archive(u64::MAX),
            32,
        );
        let start = [&7u64.to_le_bytes()[..], &9u64.to_le_bytes(), &[1; 4]].concat();
        let crc = crc32fast::hash(&start).to_le_bytes();
        let head = [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &crc, &start].concat();
        check(&head, Behind::Archive(48), 32);
        check(&[&head[..31], &[0]].concat(), Behind::Nothing, 32);
        check(b"Rar!\x1a\x07\0\xcf\x90\x73", Behind::Archive(u64::MAX), 10);
        check(b"Rar!\x1a\x07\0\xcf\x90\x70", Behind::Nothing, 10);
        check(b"Rar!\x1a\x07\x01\0crc.\x0a\x01", Behind::Archive(u64::MAX), 14);
        check(b"Rar!\x1a\x07\x01\0crc.\x8a\0\x84\0", Behind::Archive(u64::MAX), 16);
        check(b"Rar!\x1a\x07\x01\0crc.\x0a\x02", Behind::Nothing, 14);
        check(b"Rar!\x1a\x07\x02\0", Behind::Nothing, 8);
    }

    #[test]
    fn a_list_of_signatures_is_none() {
        for signature in SIGNATURES {
            let line =
                [signature, b"\0\0\0\0\n[50:application/x-any]\n>0=\0\x08, and so on"].concat();
            assert_eq!(look(&line), Behind::Nothing);
        }
        assert_eq!(look(b"text"), Behind::Nothing);
        assert_eq!(look(b""), Behind::Need(6));
    }
}
